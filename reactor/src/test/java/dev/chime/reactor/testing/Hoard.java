package dev.chime.reactor.testing;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.NativeMemoryException;
import dev.chime.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;

/** All the native memory that a reactor may still have, as buffers: nobody else gets any. */
public final class Hoard {
    private static final int[] SIZES = {256 << 10, 64 << 10, 16 << 10, 4 << 10};

    private final List<Buffer> buffers = new ArrayList<>();

    /** Takes what there is. */
    public Hoard(Reactor reactor) {
        for (int size : SIZES) {
            fill(reactor, size);
        }
    }

    private void fill(Reactor reactor, int size) {
        try {
            while (true) {
                buffers.add(reactor.buffer(size));
            }
        } catch (NativeMemoryException e) {
            return;
        }
    }

    /** How many buffers it took. */
    public int size() {
        return buffers.size();
    }

    /** Gives everything back; at the second call nothing. */
    public void release() {
        buffers.forEach(Buffer::release);
        buffers.clear();
    }
}
