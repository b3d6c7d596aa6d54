package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads what a symbolic link says, into memory of its own: it may be as long as a path. */
final class ReadLink implements Completion {
    private final Path path;
    private final Chunk target;

    private ReadLink(Path path, Chunk target) {
        this.path = path;
        this.target = target;
    }

    static Operation of(Core core, Path path, Callback<Path> callback) {
        Slot slot = submit(core, path, callback);
        return core.operation(slot);
    }

    /** Submits the call as a step of another one; its callback runs when the step is over. */
    static Slot submit(Core core, Path path, Callback<Path> callback) {
        Chunk target = core.allocateArguments();
        Slot slot = slot(core, new ReadLink(path, target), Const.AT_FDCWD, path, target);
        slot.callback = callback;
        core.submit(slot);
        return slot;
    }

    /** A slot, to be submitted, that reads a link in a folder into a chunk. */
    static Slot slot(Core core, Completion by, int folder, Path link, Chunk target) {
        Slot slot = core.slot(Op.READLINKAT, by);
        slot.fd = folder;
        NativePath.put(core, slot, link, 0);
        slot.offset = target.address();
        slot.length = target.size();
        return slot;
    }

    @Override
    public void complete(Slot slot, int result, boolean more) throws Exception {
        NativePath.release(slot);
        Callback<Path> callback = Arguments.callbackOf(slot);
        if (result < 0) {
            target.release();
            String name = path.toString();
            callback.call(ErrnoException.file(result, "readlink", name), Arguments.none());
            return;
        }
        Path text = decode(target, result);
        target.release();
        callback.call(null, text);
    }

    /** The path of the first {@code length} bytes of a chunk. */
    static Path decode(Chunk chunk, int length) {
        return NativePath.decode(bytes(chunk, length));
    }

    private static byte[] bytes(Chunk chunk, int length) {
        byte[] bytes = new byte[length];
        Memory.copy(chunk.address(), bytes, 0, length);
        return bytes;
    }

    /** Takes the target as it is written there, or a negative errno and nothing. */
    interface Outcome {
        void done(int result, byte @Nullable [] target);
    }

    /** Reads a link as one of the operations of a larger call. */
    static void ask(Steps host, Path link, Outcome outcome) {
        ask(host, NameAt.of(link), outcome);
    }

    /** Reads a link as one of the operations of a larger call. */
    static void ask(Steps host, NameAt link, Outcome outcome) {
        Chunk chunk = host.core().allocateArguments();
        Slot slot =
                host.step(
                        Op.READLINKAT,
                        (completed, result) -> {
                            byte[] target = result < 0 ? null : bytes(chunk, result);
                            chunk.release();
                            outcome.done(result, target);
                        });
        slot.offset = chunk.address();
        slot.length = chunk.size();
        try {
            link.put(host.core(), slot, 0);
        } catch (OutOfMemoryError e) {
            chunk.release();
            throw e;
        }
        host.submit(slot);
    }
}
