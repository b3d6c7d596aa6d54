package dev.chime.fs;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.ErrnoCode;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Copies a part of a file by way of a buffer, where the kernel does not copy by itself. */
final class ByteCopy {
    private static final int BUFFER_BYTES = 256 << 10;

    private final Steps host;
    private final FileCopy copy;
    private @Nullable Chunk chunk;

    ByteCopy(Steps host, FileCopy copy) {
        this.host = host;
        this.copy = copy;
    }

    /** Copies from where the copy stands to {@code end}, or to where the file ends. */
    void copyTo(int in, int out, long end) {
        if (host.halted()) {
            copy.finish(-ErrnoCode.ECANCELED);
            return;
        }
        Chunk buffer = chunk;
        if (buffer == null) {
            buffer = host.core().tryAllocate(BUFFER_BYTES);
            if (buffer == null) {
                copy.finish(-ErrnoCode.ENOMEM);
                return;
            }
            chunk = buffer;
        }
        long address = buffer.address();
        Slot read =
                transfer(
                        Op.READ,
                        address,
                        (int) Math.min(end - copy.at(), BUFFER_BYTES),
                        result -> {
                            if (result > 0) {
                                write(in, out, address, result, end);
                            } else {
                                copy.endOfData(); // sooner than we thought, or where nobody knew
                            }
                        });
        read.fd = in;
        host.submit(read);
    }

    private void write(int in, int out, long address, int length, long end) {
        Slot write =
                transfer(
                        Op.WRITE,
                        address,
                        length,
                        result -> {
                            if (result == 0) {
                                // No error to the kernel; going on would never end.
                                copy.finish(-ErrnoCode.EIO);
                                return;
                            }
                            copy.moved(result);
                            if (result < length) {
                                write(in, out, address + result, length - result, end);
                            } else if (copy.at() < end) {
                                copyTo(in, out, end);
                            } else {
                                copy.goOn();
                            }
                        });
        write.fd = out;
        host.submit(write);
    }

    private Slot transfer(Op op, long address, int length, IntConsumer then) {
        Slot slot =
                host.step(
                        op,
                        (completed, result) -> {
                            if (result < 0) {
                                copy.finish(result);
                            } else {
                                then.accept(result);
                            }
                        });
        slot.address = address;
        slot.length = length;
        slot.offset = copy.at();
        return slot;
    }

    void release() {
        Chunk buffer = chunk;
        if (buffer != null) {
            chunk = null;
            buffer.release();
        }
    }
}
