package dev.chime.samples.generations;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Sys;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** A descriptor of the system's, open for reading, with system calls to go with it. One thread. */
final class OpenFile implements AutoCloseable {
    /** {@code POSIX_FADV_RANDOM} and {@code POSIX_FADV_DONTNEED}, posix_fadvise(2). */
    static final int RANDOM = 1;

    static final int DONTNEED = 4;

    private final Libc libc = new Libc();
    private final int number;

    private OpenFile(Path path, int flags) throws ErrnoException {
        long result;
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            result =
                    libc.syscall(
                            Sys.OPENAT,
                            Const.AT_FDCWD,
                            name,
                            Const.O_RDONLY | Const.O_CLOEXEC | flags);
        }
        if (result < 0) {
            libc.close();
            throw ErrnoException.file((int) result, "open", path.toString());
        }
        number = (int) result;
    }

    /** Opens a file for reads through the page cache. */
    static OpenFile of(Path path) throws ErrnoException {
        return new OpenFile(path, 0);
    }

    /** Opens the file of a run as it wants it: past the page cache, or with what it advises. */
    static OpenFile of(Reads reads, boolean direct) throws ErrnoException {
        OpenFile file = new OpenFile(reads.path(), direct ? Const.O_DIRECT : 0);
        if (reads.random()) {
            file.advise(RANDOM);
        }
        return file;
    }

    int number() {
        return number;
    }

    /** Performs a system call; the result is the kernel's, or a negative errno. */
    long call(int syscall, long a, long b, long c) {
        return libc.syscall(syscall, a, b, c);
    }

    /** Reads a block, blocking; the bytes read, or a negative errno. */
    long pread(Request request) {
        return libc.syscall(
                Sys.PREAD64, number, request.address, Content.BLOCK_BYTES, request.position());
    }

    /** Advises the kernel about the whole file; it is free not to listen. */
    void advise(int advice) {
        libc.syscall(Sys.FADVISE64, number, 0, 0, advice);
    }

    @Override
    public void close() {
        libc.close(number);
        libc.close();
    }
}
