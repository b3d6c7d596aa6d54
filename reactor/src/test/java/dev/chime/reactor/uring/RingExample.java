package dev.chime.reactor.uring;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The example of the package's page: compiled and run, so that it stays true. */
final class RingExample {
    private RingExample() {}

    /** Opens a file and gives its first bytes. */
    static byte[] firstBytes(String path) throws RingException {
        // @start region="readv"
        try (Ring ring = Ring.open(RingOptions.entries(8)); // io_uring_queue_init
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            MemorySegment iovec = arena.allocate(16, 8); // struct iovec: where, how much
            iovec.set(ValueLayout.JAVA_LONG, 0, buffer.address());
            iovec.set(ValueLayout.JAVA_LONG, 8, buffer.byteSize());

            int fd = open(ring, arena.allocateFrom(path));
            ring.sqe().prepReadv(fd, iovec, 1, 0).userData(7); // io_uring_get_sqe, _prep_readv
            ring.submit(); // io_uring_submit

            Cqe cqe = ring.waitCqe(); // io_uring_wait_cqe
            int result = cqe.result(); // bytes read, or a negative errno
            ring.seen(); // io_uring_cqe_seen: the place is free again

            ring.sqe().prepClose(fd).skipSuccess();
            ring.submitAndWait(1, 0);
            if (result < 0) {
                throw new IllegalStateException("readv: errno " + -result);
            }
            return buffer.asSlice(0, result).toArray(ValueLayout.JAVA_BYTE);
        }
        // @end region="readv"
    }

    private static int open(Ring ring, MemorySegment path) {
        int currentFolder = -100; // AT_FDCWD
        int readOnly = 0; // O_RDONLY
        ring.sqe().prepOpenat(currentFolder, path, readOnly, 0).userData(6);
        ring.submit();
        int fd = ring.waitCqe().result();
        ring.seen();
        return fd;
    }
}
