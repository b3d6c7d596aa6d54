package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;

/** A pipe of 64 KiB with its two ends. */
final class SimPipe {
    private static final int CAPACITY = 64 << 10;
    private static final int POLLIN = 1;
    private static final int POLLOUT = 4;
    private static final int POLLERR = 8;
    private static final int POLLHUP = 16;

    private final SimWorld world;
    private final ByteQueue content = new ByteQueue();
    private boolean readerOpen = true;
    private boolean writerOpen = true;
    final SimOpen reader;
    final SimOpen writer;

    SimPipe(SimWorld world, int flags) {
        this.world = world;
        reader = new Reader(flags | Const.O_RDONLY);
        writer = new Writer(flags | Const.O_WRONLY);
    }

    private void changed(SimOpen end) {
        world.wake(end.readers);
        world.wake(end.writers);
        world.wake(end.pollers);
    }

    private final class Reader extends SimOpen {
        Reader(int flags) {
            super(flags);
        }

        @Override
        int read(long address, int length, long offset) {
            if (length == 0) {
                return 0;
            }
            if (content.size() == 0) {
                return writerOpen ? -ErrnoCode.EAGAIN : 0;
            }
            int count = content.take(address, length);
            changed(writer);
            return count;
        }

        @Override
        int write(long address, int length, long offset) {
            return -ErrnoCode.EBADF;
        }

        @Override
        int events() {
            return (content.size() > 0 ? POLLIN : 0) | (writerOpen ? 0 : POLLHUP);
        }

        @Override
        void close() {
            readerOpen = false;
            changed(writer);
        }
    }

    private final class Writer extends SimOpen {
        Writer(int flags) {
            super(flags);
        }

        @Override
        int read(long address, int length, long offset) {
            return -ErrnoCode.EBADF;
        }

        @Override
        int write(long address, int length, long offset) {
            if (!readerOpen) {
                return -ErrnoCode.EPIPE;
            }
            int count = Math.min(length, CAPACITY - content.size());
            if (count <= 0 && length > 0) {
                return -ErrnoCode.EAGAIN;
            }
            byte[] piece = new byte[count];
            Memory.copy(address, piece, 0, count);
            content.add(piece);
            changed(reader);
            return count;
        }

        @Override
        int events() {
            return (content.size() < CAPACITY ? POLLOUT : 0) | (readerOpen ? 0 : POLLERR);
        }

        @Override
        void close() {
            writerOpen = false;
            changed(reader);
        }
    }
}
