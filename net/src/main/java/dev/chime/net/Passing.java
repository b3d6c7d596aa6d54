package dev.chime.net;

import dev.chime.reactor.Descriptor;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.HeldDescriptor;
import dev.chime.reactor.libc.Memory;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** Bytes in a write queue, of which the first take descriptors along. */
final class Passing {
    private static final Completion IGNORED = (slot, result, more) -> {};

    private final Core core;
    private final byte[] data;
    private final List<Fd> handles;

    private Passing(Core core, byte[] data, List<Fd> handles) {
        this.core = core;
        this.data = data;
        this.handles = handles;
    }

    /** Takes the descriptors over: all, or none and throws. */
    static Passing of(Core core, byte[] data, List<Descriptor> handles) {
        if (data.length == 0) {
            throw new IllegalArgumentException(
                    "data is empty: descriptors travel with at least one byte");
        }
        if (handles.isEmpty() || handles.size() > Handles.MOST) {
            throw new IllegalArgumentException(
                    "handles are " + handles.size() + ": one message carries 1 to " + Handles.MOST);
        }
        IdentityHashMap<Fd, Descriptor> different = new IdentityHashMap<>();
        for (Descriptor handle : handles) {
            Checks.required(handle, "a handle", "pass open descriptors");
            if (different.put(HeldDescriptor.check(core, handle), handle) != null) {
                throw new IllegalArgumentException(handle + " is there twice: duplicate it");
            }
        }
        List<Fd> taken = new ArrayList<>(handles.size());
        handles.forEach(handle -> taken.add(HeldDescriptor.take(core, handle)));
        return new Passing(core, data, taken);
    }

    byte[] data() {
        return data;
    }

    /** Encodes the message, with as many of the bytes as fit; how many. */
    int encode(long memory, int room) {
        int[] numbers = handles.stream().mapToInt(Fd::number).toArray();
        int length = Math.min(data.length, room - Handles.HEAD_BYTES);
        Memory.copy(data, 0, memory + Handles.HEAD_BYTES, length);
        Handles.write(memory, memory + Handles.HEAD_BYTES, length, numbers);
        return length;
    }

    /** They are sent, or never will be. */
    void close() {
        for (Fd fd : handles) {
            if (fd.isOpen()) {
                core.close(fd, IGNORED);
            }
        }
    }
}
