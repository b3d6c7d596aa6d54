package dev.chime.fs;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.ErrnoCode;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The part of a {@link FileCopy} that goes by way of a buffer. */
final class ByteCopy {
    private static final int BUFFER_BYTES = 256 << 10;

    private final FileCopy copy;
    private final Steps host;
    private @Nullable Chunk chunk;

    ByteCopy(FileCopy copy, Steps host) {
        this.copy = copy;
        this.host = host;
    }

    void copyTo(long end) {
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
                        (int) Math.min(end - copy.at, BUFFER_BYTES),
                        result -> {
                            if (result > 0) {
                                write(address, result, end);
                            } else {
                                copy.endOfData(); // sooner than we thought, or where nobody knew
                            }
                        });
        read.fd = copy.in;
        host.submit(read);
    }

    private void write(long address, int length, long end) {
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
                                write(address + result, length - result, end);
                            } else if (copy.at < end) {
                                copyTo(end);
                            } else {
                                copy.goOn();
                            }
                        });
        write.fd = copy.out;
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
        slot.offset = copy.at;
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
