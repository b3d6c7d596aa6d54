package dev.chime.fs;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Memory;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Names in directories, as the bytes that the kernel gives and takes. */
final class Names {
    private static final char REPLACEMENT = '\uFFFD';

    /** In which the JDK reads and writes the names of files. */
    private static final Charset ENCODING = encoding();

    private Names() {}

    private static Charset encoding() {
        String name = System.getProperty("sun.jnu.encoding");
        return name == null || !Charset.isSupported(name)
                ? StandardCharsets.UTF_8
                : Charset.forName(name);
    }

    /** A name as a path of one element, which keeps bytes that are no text. */
    static Path path(byte[] name) {
        String text = new String(name, ENCODING);
        return text.indexOf(REPLACEMENT) < 0 ? Path.of(text) : ReadLink.path(name, ENCODING);
    }

    /** A link's target as a path, which keeps bytes that are no text. */
    static Path target(byte[] link) {
        return ReadLink.path(link, ENCODING);
    }

    /** Writes a name into the slot's scratch memory from {@code at}; sets the slot's address. */
    static void put(Core core, Slot slot, byte[] name, int at) {
        long address = slot.scratch + at;
        if (name.length >= Slot.SCRATCH_BYTES - at) {
            Chunk chunk = memory(core, slot);
            slot.lent = chunk;
            address = chunk.address();
        }
        Memory.copy(name, 0, address, name.length);
        Memory.putByte(address + name.length, (byte) 0);
        slot.address = address;
    }

    /** When there is none, not even beyond the limit, the slot is given back. */
    private static Chunk memory(Core core, Slot slot) {
        try {
            return core.allocateArguments();
        } catch (OutOfMemoryError e) {
            core.discard(slot);
            throw e;
        }
    }
}
