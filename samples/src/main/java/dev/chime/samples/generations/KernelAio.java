package dev.chime.samples.generations;

import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.libc.Arch;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A context of the kernel's first asynchronous interface: io_setup(2), io_submit(2),
 * io_getevents(2), io_destroy(2), Linux 2.6. One thread.
 *
 * <p>The memory of requests must live until they have ended; closing waits for that.
 */
final class KernelAio implements AutoCloseable {
    static final int SYS_IO_SETUP = onX86OrAarch64(206, 0);
    static final int SYS_IO_DESTROY = onX86OrAarch64(207, 1);
    static final int SYS_IO_GETEVENTS = onX86OrAarch64(208, 4);
    static final int SYS_IO_SUBMIT = onX86OrAarch64(209, 2);

    /** {@code struct iocb}, linux/aio_abi.h. */
    static final int IOCB_BYTES = 64;

    static final int AIO_DATA = 0;
    static final int AIO_LIO_OPCODE = 16;
    static final int AIO_FILDES = 20;
    static final int AIO_BUF = 24;
    static final int AIO_NBYTES = 32;
    static final int AIO_OFFSET = 40;
    static final short IOCB_CMD_PREAD = 0;

    /** {@code struct io_event}, linux/aio_abi.h. */
    static final int EVENT_BYTES = 32;

    static final int EVENT_DATA = 0;
    static final int EVENT_RES = 16;

    private static final int POINTER_BYTES = 8;

    private final Libc libc = new Libc();
    private final Arena arena = Arena.ofConfined();
    private final int depth;
    private final MemorySegment controls;
    private final MemorySegment pointers;
    private final MemorySegment events;
    private final long context;
    private int queued;

    /** Sets up a context for {@code depth} requests at once. */
    KernelAio(int depth) throws UnavailableException {
        this.depth = depth;
        controls = arena.allocate((long) IOCB_BYTES * depth, POINTER_BYTES);
        pointers = arena.allocate((long) POINTER_BYTES * depth, POINTER_BYTES);
        events = arena.allocate((long) EVENT_BYTES * depth, POINTER_BYTES);
        MemorySegment id = arena.allocate(ValueLayout.JAVA_LONG); // must be 0 before
        long result = libc.syscall(SYS_IO_SETUP, depth, id.address());
        if (result < 0) {
            release();
            throw new UnavailableException(refusal((int) -result));
        }
        context = id.get(ValueLayout.JAVA_LONG, 0);
    }

    private static int onX86OrAarch64(int onX86, int onAarch64) {
        return Arch.CURRENT == Arch.X86_64 ? onX86 : onAarch64;
    }

    private static String refusal(int errno) {
        return switch (errno) {
            case ErrnoCode.ENOSYS -> "the kernel has no io_setup";
            case ErrnoCode.EPERM -> "io_setup is not permitted, perhaps by seccomp";
            case ErrnoCode.EAGAIN -> "io_setup: fs.aio-max-nr is used up; raise it with sysctl";
            default -> "io_setup: " + Errno.of(errno).text();
        };
    }

    /** Queues a read for the next {@link #submit}. */
    void queue(Request request, int fd) {
        long at = (long) IOCB_BYTES * request.index;
        controls.set(ValueLayout.JAVA_LONG, at + AIO_DATA, request.index);
        controls.set(ValueLayout.JAVA_SHORT, at + AIO_LIO_OPCODE, IOCB_CMD_PREAD);
        controls.set(ValueLayout.JAVA_INT, at + AIO_FILDES, fd);
        controls.set(ValueLayout.JAVA_LONG, at + AIO_BUF, request.address);
        controls.set(ValueLayout.JAVA_LONG, at + AIO_NBYTES, Content.BLOCK_BYTES);
        controls.set(ValueLayout.JAVA_LONG, at + AIO_OFFSET, request.position());
        pointers.setAtIndex(ValueLayout.JAVA_LONG, queued++, controls.address() + at);
    }

    /** Hands what is queued to the kernel, all of it. */
    void submit() throws ErrnoException {
        int submitted = 0;
        while (submitted < queued) {
            long from = pointers.address() + (long) POINTER_BYTES * submitted;
            long result = libc.syscall(SYS_IO_SUBMIT, context, queued - submitted, from);
            if (result < 0) {
                throw ErrnoException.file((int) result, "io_submit", null);
            }
            submitted += (int) result;
        }
        queued = 0;
    }

    /** Waits until at least one request has ended; how many have. */
    int await() throws ErrnoException {
        long result;
        do {
            result = libc.syscall(SYS_IO_GETEVENTS, context, 1, depth, events.address(), 0, 0);
        } while (result == -ErrnoCode.EINTR);
        if (result < 0) {
            throw ErrnoException.file((int) result, "io_getevents", null);
        }
        return (int) result;
    }

    /** The index of the request that the {@code n}th event of the last {@link #await} is about. */
    int request(int n) {
        return (int) events.get(ValueLayout.JAVA_LONG, (long) EVENT_BYTES * n + EVENT_DATA);
    }

    /** What that request came to: the bytes read, or a negative errno. */
    long result(int n) {
        return events.get(ValueLayout.JAVA_LONG, (long) EVENT_BYTES * n + EVENT_RES);
    }

    private void release() {
        arena.close();
        libc.close();
    }

    /** Ends the context: the kernel waits for what is in flight. */
    @Override
    public void close() {
        libc.syscall(SYS_IO_DESTROY, context);
        release();
    }
}
