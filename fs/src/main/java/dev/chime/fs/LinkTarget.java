package dev.chime.fs;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a link leads, as a part of a call. */
final class LinkTarget {
    /** Takes the target, or a negative errno and nothing. */
    interface Outcome {
        void done(int result, @Nullable Path target);
    }

    private LinkTarget() {}

    static void ask(Steps host, Path link, Outcome outcome) {
        Chunk chunk = host.core().allocateArguments();
        Slot slot =
                host.step(
                        Op.READLINKAT,
                        (completed, result) -> {
                            Path target = null;
                            if (result >= 0) {
                                byte[] bytes = new byte[result];
                                Memory.copy(chunk.address(), bytes, 0, result);
                                target = Names.target(bytes);
                            }
                            chunk.release();
                            outcome.done(result, target);
                        });
        slot.fd = Const.AT_FDCWD;
        slot.offset = chunk.address();
        slot.length = chunk.size();
        try {
            NativePath.put(host.core(), slot, link, 0);
        } catch (OutOfMemoryError e) {
            chunk.release();
            throw e;
        }
        host.submit(slot);
    }
}
