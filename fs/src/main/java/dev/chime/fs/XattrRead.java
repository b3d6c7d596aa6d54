package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one extended attribute, or the list of their names: into 4 KiB first, and, when the kernel
 * says ERANGE, into the 64 KiB that no value and no list exceeds (xattr(7)).
 */
final class XattrRead extends Composed implements Completion {
    private static final int MOST_BYTES = 64 << 10;

    private final @Nullable Path path;
    private final @Nullable FileHandle handle;
    private final Op op;
    private final String name;
    private final Callback<?> callback;
    private @Nullable Slot slot;
    private @Nullable Chunk chunk;
    private int refusal;

    XattrRead(
            Core core,
            @Nullable Path path,
            @Nullable FileHandle handle,
            Op op,
            String name,
            Callback<?> callback) {
        super(core);
        this.path = path;
        this.handle = handle;
        this.op = op;
        this.name = name;
        this.callback = callback;
    }

    XattrRead start() {
        if (handle != null && !handle.isOpen()) {
            refuse(-ErrnoCode.EBADF);
        } else {
            submit(core.allocateArguments());
        }
        return this;
    }

    private void refuse(int error) {
        refusal = error;
        slot = core.slot(Op.NOP, this);
        core.submit(slot);
    }

    private void submit(Chunk memory) {
        chunk = memory;
        Slot next = core.slot(op, this);
        XattrWrite.target(core, next, path, handle, name);
        next.offset = memory.address();
        next.length = Math.min(memory.size(), MOST_BYTES);
        slot = next;
        core.submit(next);
    }

    @Override
    protected void interrupt() {
        if (slot != null) {
            core.cancel(slot, stopErrno());
        }
    }

    @Override
    public void complete(Slot completed, int result, boolean more) throws Exception {
        slot = null;
        NativePath.release(completed);
        Chunk memory = chunk;
        chunk = null;
        if (memory == null) {
            finish(refusal, null);
            return;
        }
        boolean grows = result == -ErrnoCode.ERANGE && memory.size() < MOST_BYTES && !stopped();
        byte[] value = result >= 0 ? new byte[result] : null;
        if (value != null) {
            Memory.copy(memory.address(), value, 0, result);
        }
        memory.release();
        if (!grows) {
            finish(result, value);
            return;
        }
        Chunk larger = core.tryAllocate(MOST_BYTES);
        if (larger == null) {
            finish(-ErrnoCode.ENOMEM, null);
        } else {
            submit(larger);
        }
    }

    @SuppressWarnings("unchecked")
    private void finish(int result, byte @Nullable [] value) throws Exception {
        ended();
        Callback<Object> typed = (Callback<Object>) callback;
        try {
            if (value == null) {
                typed.call(XattrWrite.error(op, result, path), Arguments.none());
            } else {
                typed.call(null, op == Op.LISTXATTR ? names(value) : value);
            }
        } finally {
            if (handle != null) {
                handle.ended();
            }
        }
    }

    /** Names, a NUL behind each. */
    private static List<String> names(byte[] list) {
        String all = new String(list, StandardCharsets.UTF_8);
        return all.isEmpty() ? List.of() : List.of(all.split("\0"));
    }

    @Override
    public String toString() {
        return op + " " + name + " of " + (handle == null ? path : handle.path());
    }
}
