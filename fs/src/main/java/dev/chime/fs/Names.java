package dev.chime.fs;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Memory;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

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
        if (text.indexOf(REPLACEMENT) < 0) {
            return Path.of(text);
        }
        // Only by way of a URI does the JDK take bytes that it cannot read.
        String bytes = HexFormat.ofDelimiter("%").withUpperCase().formatHex(name);
        return Path.of(URI.create("file:///%" + bytes)).getFileName();
    }

    /** A link's target as a path, which keeps bytes that are no text. */
    static Path target(byte[] link) {
        String text = new String(link, ENCODING);
        if (text.indexOf(REPLACEMENT) < 0) {
            return Path.of(text);
        }
        String bytes = HexFormat.ofDelimiter("%").withUpperCase().formatHex(link);
        Path absolute = Path.of(URI.create("file:///%" + bytes));
        return link[0] == '/' ? absolute : Path.of("/").relativize(absolute);
    }

    /** Writes a name into the slot's scratch memory from {@code at}; sets the slot's address. */
    static void put(Core core, Slot slot, byte[] name, int at) {
        long address = slot.scratch + at;
        if (name.length >= Slot.SCRATCH_BYTES - at) {
            Chunk chunk = core.allocateArguments();
            slot.lent = chunk;
            address = chunk.address();
        }
        Memory.copy(name, 0, address, name.length);
        Memory.putByte(address + name.length, (byte) 0);
        slot.address = address;
    }
}
