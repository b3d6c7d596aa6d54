package dev.chime.fs;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import dev.chime.reactor.libc.Sys;
import org.jspecify.annotations.Nullable;

/**
 * What transfers of a file opened with {@link OpenFlag#DIRECT} have to be multiples of, as the file
 * system says (statx(2), Linux 6.1). Buffers of {@link dev.chime.reactor.Reactor#buffer} start at
 * the start of a page, which suits every file system; slices of them start where they start.
 *
 * @param memory bytes to which a buffer's address must be aligned
 * @param offset bytes of which position and length must be multiples
 */
public record DirectAlignment(int memory, int offset) {
    /** Code of the error of a transfer that is not aligned. */
    public static final String ERROR_CODE = "ERR_FS_DIRECT_ALIGNMENT";

    /** Asks the kernel, at once; null when the file system does not say. */
    static @Nullable DirectAlignment of(Core core, int fd) {
        long statx = core.scratch();
        long emptyPath = statx + StatxLayout.SIZE;
        Memory.putByte(emptyPath, (byte) 0);
        int mask = StatxLayout.STATX_DIOALIGN;
        long result = core.syscall(Sys.STATX, fd, emptyPath, Const.AT_EMPTY_PATH, mask, statx, 0);
        boolean said = result == 0 && (Memory.getInt(statx + StatxLayout.STX_MASK) & mask) != 0;
        int memory = said ? Memory.getInt(statx + StatxLayout.STX_DIO_MEM_ALIGN) : 0;
        int offset = said ? Memory.getInt(statx + StatxLayout.STX_DIO_OFFSET_ALIGN) : 0;
        return memory > 0 && offset > 0 ? new DirectAlignment(memory, offset) : null;
    }

    /** Whether a transfer is aligned; a position of -1 is where the kernel stands. */
    boolean admits(long address, long length, long position) {
        boolean placed = position == -1 || position % offset == 0;
        return placed && address % memory == 0 && length % offset == 0;
    }

    /** Whether a slot that is to be submitted is aligned. */
    boolean admits(Slot slot) {
        if (slot.op() != Op.READV && slot.op() != Op.WRITEV) {
            return admits(slot.address, slot.length, slot.offset);
        }
        boolean all = true;
        for (int i = 0; i < slot.length; i++) {
            long piece = slot.address + (long) i * IovecLayout.SIZE;
            long base = Memory.getLong(piece + IovecLayout.IOV_BASE);
            long bytes = Memory.getLong(piece + IovecLayout.IOV_LEN);
            all &= admits(base, bytes, slot.offset);
        }
        return all;
    }

    ReactorException error(String step) {
        return new ReactorException(
                ERROR_CODE,
                ("%s of a file opened with DIRECT is not aligned: the buffer's address must be a"
                                + " multiple of %d, position and length of %d bytes")
                        .formatted(step, memory, offset));
    }
}
