package dev.chime.reactor;

import dev.chime.reactor.engine.Chunk;
import org.jspecify.annotations.Nullable;

/** Buffer objects, used again; in poison mode never, so that a late use is always noticed. */
final class Buffers {
    private final boolean poison;
    private @Nullable Buffer free;
    private int inUse;

    Buffers(boolean poison) {
        this.poison = poison;
    }

    /** A buffer over a part of {@code chunk}; takes over one of the chunk's uses. */
    Buffer wrap(Chunk chunk, int offset, int bytes) {
        Buffer buffer = free;
        if (buffer == null) {
            buffer = new Buffer(this);
        } else {
            free = buffer.next;
            buffer.next = null;
        }
        buffer.open(chunk, offset, bytes);
        inUse++;
        return buffer;
    }

    void reclaim(Buffer buffer) {
        inUse--;
        if (!poison) {
            buffer.next = free;
            free = buffer;
        }
    }

    int inUse() {
        return inUse;
    }
}
