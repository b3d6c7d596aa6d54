package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Sets or removes one extended attribute. */
final class XattrWrite implements Completion {
    /** {@code XATTR_NAME_MAX} and the NUL: of more the kernel says ERANGE. */
    private static final int NAME_BYTES = 256;

    private final @Nullable Path path;
    private final @Nullable FileHandle handle;
    private final Op op;
    private final @Nullable Chunk value;

    private XattrWrite(
            @Nullable Path path, @Nullable FileHandle handle, Op op, @Nullable Chunk value) {
        this.path = path;
        this.handle = handle;
        this.op = op;
        this.value = value;
    }

    static Operation set(
            Core core,
            @Nullable Path path,
            @Nullable FileHandle handle,
            String name,
            byte[] value,
            int flags,
            Done callback) {
        Op op = handle == null ? Op.SETXATTR : Op.FSETXATTR;
        Chunk chunk = core.tryAllocate(value.length);
        if (chunk != null) {
            Memory.copy(value, 0, chunk.address(), value.length);
        }
        XattrWrite call = new XattrWrite(path, handle, op, chunk);
        Slot slot = call.slot(core, name, chunk == null, callback);
        if (slot.op() != Op.NOP && chunk != null) {
            slot.offset = chunk.address();
            slot.length = value.length;
            slot.flags = flags;
        }
        core.submit(slot);
        return core.operation(slot);
    }

    static Operation remove(
            Core core,
            @Nullable Path path,
            @Nullable FileHandle handle,
            String name,
            Done callback) {
        XattrWrite call = new XattrWrite(path, handle, Op.REMOVEXATTR, null);
        Slot slot = call.slot(core, name, false, callback);
        core.submit(slot);
        return core.operation(slot);
    }

    private Slot slot(Core core, String name, boolean refused, Done callback) {
        boolean open = handle == null || handle.isOpen();
        Slot slot = core.slot(open && !refused ? op : Op.NOP, this);
        if (slot.op() != Op.NOP) {
            target(core, slot, path, handle, name);
        }
        slot.callback = callback;
        return slot;
    }

    /** Fills in whose attribute it is, and its name; the list has none. */
    static void target(
            Core core, Slot slot, @Nullable Path path, @Nullable FileHandle handle, String name) {
        boolean named = slot.op() != Op.LISTXATTR;
        if (path != null) {
            NativePath.put(core, slot, path, named ? NAME_BYTES + 1 : 0);
            slot.address3 = slot.address;
        } else if (handle != null) {
            slot.owner = handle.descriptor();
            slot.address = 0;
        }
        if (named) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            int length = Math.min(bytes.length, NAME_BYTES);
            Memory.copy(bytes, 0, slot.scratch, length);
            Memory.putByte(slot.scratch + length, (byte) 0);
            slot.address = slot.scratch;
        }
    }

    @Override
    public void complete(Slot slot, int result, boolean more) throws Exception {
        NativePath.release(slot);
        int error = result;
        if (slot.op() == Op.NOP) {
            boolean closed = handle != null && !handle.isOpen();
            error = closed ? -ErrnoCode.EBADF : -ErrnoCode.ENOMEM;
        }
        if (value != null) {
            value.release();
        }
        Done callback = (Done) Objects.requireNonNull(slot.callback);
        try {
            callback.call(error < 0 ? error(op, error, path) : null);
        } finally {
            if (handle != null) {
                handle.ended();
            }
        }
    }

    static ErrnoException error(Op op, int result, @Nullable Path path) {
        boolean ofHandle = path == null && (op == Op.LISTXATTR || op == Op.REMOVEXATTR);
        String step = (ofHandle ? "f" : "") + op.syscall();
        return ErrnoException.file(result, step, path == null ? null : path.toString());
    }
}
