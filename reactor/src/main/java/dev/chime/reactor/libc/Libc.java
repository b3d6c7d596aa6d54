package dev.chime.reactor.libc;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The C library's {@code syscall(2)}, the one foreign function that Chime calls.
 *
 * <p>All calls share one shape, seven longs in and one out with {@code errno} captured: the JVM
 * spends about 15 ms of start-up for each further shape. Results are the kernel's own: {@code >=
 * 0}, or a negative errno. An instance belongs to one thread at a time, because it holds the place
 * into which the linker stores {@code errno}.
 */
public final class Libc implements AutoCloseable {
    private static final StructCells CELLS = new StructCells();
    private static final MethodHandle SYSCALL = link();

    private final MemorySegment capture;

    /** Takes a place for {@code errno}. */
    public Libc() {
        capture = CELLS.take();
    }

    private static MethodHandle link() {
        Linker linker = Linker.nativeLinker();
        ValueLayout word = ValueLayout.JAVA_LONG;
        FunctionDescriptor shape =
                FunctionDescriptor.of(word, word, word, word, word, word, word, word);
        return linker.downcallHandle(
                linker.defaultLookup().find("syscall").orElseThrow(),
                shape,
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
    }

    /** Performs a system call; unused arguments are 0. */
    public long syscall(int number, long a, long b, long c, long d, long e, long f) {
        try {
            long result = (long) SYSCALL.invokeExact(capture, (long) number, a, b, c, d, e, f);
            return result >= 0 ? result : failed(result);
        } catch (Throwable t) {
            throw new AssertionError("syscall " + number, t);
        }
    }

    private long failed(long result) {
        return result == -1 ? -capture.get(ValueLayout.JAVA_INT, 0) : result;
    }

    /** Performs a system call of one argument. */
    public long syscall(int number, long a) {
        return syscall(number, a, 0, 0, 0, 0, 0);
    }

    /** Performs a system call of two arguments. */
    public long syscall(int number, long a, long b) {
        return syscall(number, a, b, 0, 0, 0, 0);
    }

    /** Performs a system call of three arguments. */
    public long syscall(int number, long a, long b, long c) {
        return syscall(number, a, b, c, 0, 0, 0);
    }

    /** Performs a system call of four arguments. */
    public long syscall(int number, long a, long b, long c, long d) {
        return syscall(number, a, b, c, d, 0, 0);
    }

    /**
     * Maps anonymous private memory, zeroed.
     *
     * @return the address, page aligned, or a negative errno
     */
    public long mmap(long length) {
        return mmap(length, Const.MAP_PRIVATE | Const.MAP_ANONYMOUS, -1, 0);
    }

    /** Maps {@code length} bytes readable and writable; the address, or a negative errno. */
    public long mmap(long length, int flags, int fd, long offset) {
        return syscall(Sys.MMAP, 0, length, Const.PROT_READ | Const.PROT_WRITE, flags, fd, offset);
    }

    /** Asks for huge pages where a whole one fits; whether or not the kernel has any. */
    public void preferHugePages(long address, long length) {
        syscall(Sys.MADVISE, address, length, Const.MADV_HUGEPAGE);
    }

    /** Unmaps what {@link #mmap} gave. */
    public long munmap(long address, long length) {
        return syscall(Sys.MUNMAP, address, length);
    }

    /** Closes a descriptor. Never repeated after EINTR: on Linux the number is free by then. */
    public long close(int fd) {
        return syscall(Sys.CLOSE, fd);
    }

    /** Gives the place for {@code errno} back. */
    @Override
    public void close() {
        CELLS.give(capture);
    }

    /** Places for captured {@code errno}s, carved from a page and used again; any thread. */
    private static final class StructCells {
        private final ConcurrentLinkedQueue<MemorySegment> free = new ConcurrentLinkedQueue<>();
        private final MemoryLayout layout = Linker.Option.captureStateLayout();

        MemorySegment take() {
            MemorySegment cell = free.poll();
            // The global arena: a capture in any other would be checked for liveness at each call.
            return cell != null ? cell : java.lang.foreign.Arena.global().allocate(layout);
        }

        void give(MemorySegment cell) {
            free.add(cell);
        }
    }
}
