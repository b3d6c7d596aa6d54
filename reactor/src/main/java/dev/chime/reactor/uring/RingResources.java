package dev.chime.reactor.uring;

import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.ProbeLayout;
import dev.chime.reactor.libc.RegisterOp;
import dev.chime.reactor.libc.RestrictionLayout;
import dev.chime.reactor.libc.RsrcRegisterLayout;
import dev.chime.reactor.libc.RsrcUpdate2Layout;
import dev.chime.reactor.libc.RsrcUpdateLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/**
 * What can be registered with a ring: files, buffers, an eventfd and restrictions; and the probe of
 * its opcodes. For the ring's thread. See io_uring_register(2).
 */
public final class RingResources {
    private static final int PROBED_OPS = 256;

    private final Ring ring;

    /** The resources of {@code ring}. */
    public RingResources(Ring ring) {
        this.ring = ring;
    }

    private void call(String name, int op, long argument, int count) throws RingException {
        int result = ring.register(op, argument, count);
        if (result < 0) {
            throw new RingException("io_uring_register(" + name + ")", -result);
        }
    }

    /** The opcodes that this kernel has, by number. */
    public BitSet opcodes() throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment probe =
                    arena.allocate(ProbeLayout.OPS + (long) PROBED_OPS * ProbeLayout.OP_SIZE, 8);
            call("PROBE", RegisterOp.REGISTER_PROBE, probe.address(), PROBED_OPS);
            BitSet found = new BitSet();
            int last = Byte.toUnsignedInt(probe.get(ValueLayout.JAVA_BYTE, ProbeLayout.LAST_OP));
            for (int op = 0; op <= last; op++) {
                long row = ProbeLayout.OPS + (long) op * ProbeLayout.OP_SIZE;
                int flags = probe.get(ValueLayout.JAVA_SHORT, row + ProbeLayout.OP_FLAGS);
                found.set(op, (flags & ProbeLayout.OP_SUPPORTED) != 0);
            }
            return found;
        }
    }

    /** Registers {@code count} empty places for files, to be filled by index. */
    public void registerFilesSparse(int count) throws RingException {
        sparse("FILES2", RegisterOp.REGISTER_FILES2, count);
    }

    /** Registers {@code count} empty places for buffers: {@link #updateBuffer} fills them. */
    public void registerBuffersSparse(int count) throws RingException {
        sparse("BUFFERS2", RegisterOp.REGISTER_BUFFERS2, count);
    }

    private void sparse(String name, int op, int count) throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = arena.allocate(RsrcRegisterLayout.SIZE, 8);
            table.set(ValueLayout.JAVA_INT, RsrcRegisterLayout.NR, count);
            table.set(
                    ValueLayout.JAVA_INT, RsrcRegisterLayout.FLAGS, RsrcRegisterLayout.FLAG_SPARSE);
            call(name, op, table.address(), RsrcRegisterLayout.SIZE);
        }
    }

    /** Registers descriptors; -1 leaves a place empty. Entries then name them by index. */
    public void registerFiles(int... fds) throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = arena.allocateFrom(ValueLayout.JAVA_INT, fds);
            call("FILES", RegisterOp.REGISTER_FILES, table.address(), fds.length);
        }
    }

    /** Replaces registered descriptors from index {@code from} on; -1 empties a place. */
    public void updateFiles(int from, int... fds) throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = arena.allocateFrom(ValueLayout.JAVA_INT, fds);
            MemorySegment update = arena.allocate(RsrcUpdateLayout.SIZE, 8);
            update.set(ValueLayout.JAVA_INT, RsrcUpdateLayout.OFFSET, from);
            update.set(ValueLayout.JAVA_LONG, RsrcUpdateLayout.DATA, table.address());
            call("FILES_UPDATE", RegisterOp.REGISTER_FILES_UPDATE, update.address(), fds.length);
        }
    }

    /** Lets registered files go. */
    public void unregisterFiles() throws RingException {
        call("UNREGISTER_FILES", RegisterOp.UNREGISTER_FILES, 0, 0);
    }

    /**
     * Registers native memory, which the kernel pins until {@link #unregisterBuffers}; it counts
     * against {@code ulimit -l}: ENOMEM when that is too small.
     */
    public void registerBuffers(MemorySegment... buffers) throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment iovecs = iovecs(arena, buffers);
            call("BUFFERS", RegisterOp.REGISTER_BUFFERS, iovecs.address(), buffers.length);
        }
    }

    private static MemorySegment iovecs(Arena arena, MemorySegment... buffers) {
        MemorySegment iovecs = arena.allocate((long) buffers.length * IovecLayout.SIZE, 8);
        for (int i = 0; i < buffers.length; i++) {
            if (!buffers[i].isNative()) {
                throw new IllegalArgumentException(
                        "the kernel needs native memory: allocate it with an Arena");
            }
            long at = (long) i * IovecLayout.SIZE;
            iovecs.set(ValueLayout.JAVA_LONG, at + IovecLayout.IOV_BASE, buffers[i].address());
            iovecs.set(ValueLayout.JAVA_LONG, at + IovecLayout.IOV_LEN, buffers[i].byteSize());
        }
        return iovecs;
    }

    /** Replaces registered buffer {@code index}; what is in flight keeps the old one. */
    public void updateBuffer(int index, MemorySegment buffer) throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment update = arena.allocate(RsrcUpdate2Layout.SIZE, 8);
            update.set(ValueLayout.JAVA_INT, RsrcUpdate2Layout.OFFSET, index);
            update.set(
                    ValueLayout.JAVA_LONG, RsrcUpdate2Layout.DATA, iovecs(arena, buffer).address());
            update.set(ValueLayout.JAVA_INT, RsrcUpdate2Layout.NR, 1);
            int op = RegisterOp.REGISTER_BUFFERS_UPDATE;
            call("BUFFERS_UPDATE", op, update.address(), RsrcUpdate2Layout.SIZE);
        }
    }

    /** Lets registered memory go. */
    public void unregisterBuffers() throws RingException {
        call("UNREGISTER_BUFFERS", RegisterOp.UNREGISTER_BUFFERS, 0, 0);
    }

    /** Adds 1 to an eventfd at each completion. */
    public void registerEventFd(int fd) throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment word = arena.allocateFrom(ValueLayout.JAVA_INT, fd);
            call("EVENTFD", RegisterOp.REGISTER_EVENTFD, word.address(), 1);
        }
    }

    /** As {@link #registerEventFd}, but only for completions by the kernel's workers. */
    public void registerEventFdAsync(int fd) throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment word = arena.allocateFrom(ValueLayout.JAVA_INT, fd);
            call("EVENTFD_ASYNC", RegisterOp.REGISTER_EVENTFD_ASYNC, word.address(), 1);
        }
    }

    /** Bounds the kernel's worker threads: those for files, those for all else; 0 changes none. */
    public void maxWorkers(int files, int others) throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocateFrom(ValueLayout.JAVA_INT, files, others);
            call("IOWQ_MAX_WORKERS", RegisterOp.REGISTER_IOWQ_MAX_WORKERS, pair.address(), 2);
        }
    }

    /**
     * Lets a ring do no more than {@code restrictions} say, for ever: all else gives -EACCES. Only
     * once, and only before {@link Ring#enable} of a ring that was set up disabled, as {@link
     * RingOptions#loop} is: EBADFD later.
     */
    public void restrict(Restrictions restrictions) throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = restrictions.table(arena);
            int count = (int) (table.byteSize() / RestrictionLayout.SIZE);
            call("RESTRICTIONS", RegisterOp.REGISTER_RESTRICTIONS, table.address(), count);
        }
    }

    /** Ends {@link #registerEventFd}. */
    public void unregisterEventFd() throws RingException {
        call("UNREGISTER_EVENTFD", RegisterOp.UNREGISTER_EVENTFD, 0, 0);
    }
}
