package dev.chime.samples.generations;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.libc.ErrnoCode;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.BitSet;

/**
 * The asynchronous interface of POSIX, aio(7), as glibc has it: threads in the library, one at a
 * time for each descriptor. One thread.
 *
 * <p>These are functions of the library, no system calls, so they are linked here. The memory of
 * requests must live until they have ended; closing waits for that.
 */
final class PosixAio implements AutoCloseable {
    /** {@code struct aiocb} of glibc on 64-bit machines, aio.h: the same on x86-64 and aarch64. */
    static final int AIOCB_BYTES = 168;

    static final int AIO_FILDES = 0;
    static final int AIO_BUF = 16;
    static final int AIO_NBYTES = 24;
    static final int AIO_SIGEVENT_NOTIFY = 44;
    static final int AIO_OFFSET = 128;

    /** No signal when a request ends, sigevent(3type). */
    static final int SIGEV_NONE = 1;

    private static final int POINTER_BYTES = 8;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final Functions functions;
    private final int depth;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
    private final MemorySegment controls;

    /** The list that aio_suspend(3) waits for: an address for each request in flight, else NULL. */
    private final MemorySegment waiting;

    private final BitSet inFlight = new BitSet();

    /** Makes room for {@code depth} requests at once. */
    PosixAio(int depth) throws UnavailableException {
        functions = Functions.link();
        this.depth = depth;
        controls = arena.allocate((long) AIOCB_BYTES * depth, POINTER_BYTES);
        waiting = arena.allocate((long) POINTER_BYTES * depth, POINTER_BYTES);
    }

    /** The functions of aio.h, linked once. */
    private record Functions(
            MethodHandle read, MethodHandle error, MethodHandle result, MethodHandle suspend) {
        static Functions link() throws UnavailableException {
            SymbolLookup symbols = Linker.nativeLinker().defaultLookup();
            if (symbols.find("gnu_get_libc_version").isEmpty()) {
                throw new UnavailableException("the C library is not glibc");
            }
            if (symbols.find("aio_read").isEmpty()) {
                // Up to glibc 2.33 they are in a library of their own; it stays, as libc does.
                symbols = SymbolLookup.libraryLookup("librt.so.1", Arena.global());
            }
            Linker.Option errno = Linker.Option.captureCallState("errno");
            return new Functions(
                    link(symbols, "aio_read", FunctionDescriptor.of(INT, LONG), errno),
                    link(symbols, "aio_error", FunctionDescriptor.of(INT, LONG)),
                    link(symbols, "aio_return", FunctionDescriptor.of(LONG, LONG)),
                    link(
                            symbols,
                            "aio_suspend",
                            FunctionDescriptor.of(INT, LONG, INT, LONG),
                            errno));
        }

        private static MethodHandle link(
                SymbolLookup symbols,
                String name,
                FunctionDescriptor shape,
                Linker.Option... options) {
            return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), shape, options);
        }
    }

    /** Begins a read: aio_read(3). */
    void read(Request request, int fd) throws ErrnoException {
        MemorySegment control = control(request.index).fill((byte) 0);
        control.set(INT, AIO_FILDES, fd);
        control.set(LONG, AIO_BUF, request.address);
        control.set(LONG, AIO_NBYTES, Content.BLOCK_BYTES);
        control.set(INT, AIO_SIGEVENT_NOTIFY, SIGEV_NONE);
        control.set(LONG, AIO_OFFSET, request.position());
        int result;
        try {
            result = (int) functions.read.invokeExact(errno, control.address());
        } catch (Throwable t) {
            throw new AssertionError("aio_read", t);
        }
        if (result != 0) {
            throw ErrnoException.file(errno.get(INT, 0), "aio_read", null);
        }
        inFlight.set(request.index);
        waiting.setAtIndex(LONG, request.index, control.address());
    }

    /** Waits until at least one request has ended: aio_suspend(3). */
    void await() throws ErrnoException {
        int result;
        do {
            try {
                result = (int) functions.suspend.invokeExact(errno, waiting.address(), depth, 0L);
            } catch (Throwable t) {
                throw new AssertionError("aio_suspend", t);
            }
        } while (result != 0 && errno.get(INT, 0) == ErrnoCode.EINTR);
        if (result != 0) {
            throw ErrnoException.file(errno.get(INT, 0), "aio_suspend", null);
        }
    }

    /** The first request in flight from {@code index} on that has ended; -1 when there is none. */
    int nextEnded(int index) {
        int next = inFlight.nextSetBit(index);
        while (next >= 0 && error(next) == ErrnoCode.EINPROGRESS) {
            next = inFlight.nextSetBit(next + 1);
        }
        return next;
    }

    /** What a request that has ended came to: the bytes read, or a negative errno. */
    long take(int index) {
        inFlight.clear(index);
        waiting.setAtIndex(LONG, index, 0);
        int error = error(index);
        try {
            long result = (long) functions.result.invokeExact(control(index).address());
            return error == 0 ? result : -error;
        } catch (Throwable t) {
            throw new AssertionError("aio_return", t);
        }
    }

    private int error(int index) {
        try {
            return (int) functions.error.invokeExact(control(index).address());
        } catch (Throwable t) {
            throw new AssertionError("aio_error", t);
        }
    }

    private MemorySegment control(int index) {
        return controls.asSlice((long) AIOCB_BYTES * index, AIOCB_BYTES);
    }

    /** Waits for what is in flight, and gives the memory back. */
    @Override
    public void close() throws ErrnoException {
        while (!inFlight.isEmpty()) {
            await();
            for (int i = nextEnded(0); i >= 0; i = nextEnded(i + 1)) {
                take(i);
            }
        }
        arena.close();
    }
}
