package dev.chime.fs;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Memory;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A path as the kernel reads it: bytes with a NUL behind them, in the encoding in which the JDK
 * wrote the names of files into {@link Path}s.
 */
final class NativePath {
    /** {@code PATH_MAX} of limits.h, the NUL included: a longer path is ENAMETOOLONG. */
    private static final int MAX_BYTES = 4096;

    private static final Path ROOT = Path.of("/");

    private static final char REPLACEMENT = '\uFFFD';

    private static final Charset ENCODING = encoding(System.getProperty("sun.jnu.encoding"));

    /** The memory of two long paths. */
    private record Two(Chunk first, Chunk second) {}

    private NativePath() {}

    private static Charset encoding(@Nullable String name) {
        return name == null || !Charset.isSupported(name)
                ? StandardCharsets.UTF_8
                : Charset.forName(name);
    }

    /**
     * Writes a path into the slot's scratch memory from {@code at}, or, when it is long, into a
     * chunk of its own that becomes {@link Slot#lent}; sets the slot's address. When it throws, as
     * without memory, the slot has been given back.
     */
    static void put(Core core, Slot slot, Path path, int at) {
        slot.address = write(core, slot, path, at, Slot.SCRATCH_BYTES);
    }

    /** Writes two paths, each as {@link #put}; sets the slot's address and its offset. */
    static void put(Core core, Slot slot, Path path, Path dest) {
        slot.address = write(core, slot, path, 0, Slot.SCRATCH_BYTES / 2);
        slot.offset = write(core, slot, dest, Slot.SCRATCH_BYTES / 2, Slot.SCRATCH_BYTES);
    }

    /** Writes a link's target and its name, as bytes; sets the address and the offset. */
    static void put(Core core, Slot slot, byte[] target, byte[] name) {
        slot.offset = place(core, slot, name, Slot.SCRATCH_BYTES / 2 - 1, Slot.SCRATCH_BYTES);
        slot.address = place(core, slot, target, 0, Slot.SCRATCH_BYTES / 2 - 1);
    }

    /** Writes a path between two places of the scratch memory, or elsewhere; where it is. */
    private static long write(Core core, Slot slot, Path path, int at, int end) {
        try {
            return encode(core, slot, path, at, end);
        } catch (Throwable e) {
            release(slot);
            core.discard(slot);
            throw e;
        }
    }

    private static long encode(Core core, Slot slot, Path path, int at, int end) {
        String text = path.toString();
        int room = end - at;
        boolean plain = ENCODING.equals(StandardCharsets.UTF_8) && text.indexOf(REPLACEMENT) < 0;
        // A char is at most three bytes: a path that may fit is written once, without a copy.
        if (plain && text.length() < room / 3) {
            Memory.putCString(slot.scratch + at, text, room);
            return slot.scratch + at;
        }
        return place(core, slot, bytes(path), at, end);
    }

    /** A path's bytes, without the NUL. */
    static byte[] bytes(Path path) {
        String text = path.toString();
        boolean plain = ENCODING.equals(StandardCharsets.UTF_8) && text.indexOf(REPLACEMENT) < 0;
        return plain ? text.getBytes(StandardCharsets.UTF_8) : encode(path, text);
    }

    private static long place(Core core, Slot slot, byte[] bytes, int at, int end) {
        int room = end - at;
        long address = slot.scratch + at;
        if (bytes.length >= room) {
            Chunk chunk = core.allocateArguments();
            slot.lent = slot.lent instanceof Chunk first ? new Two(first, chunk) : chunk;
            address = chunk.address();
        }
        // Without its NUL within the limit, the kernel itself calls the path too long.
        int length = Math.min(bytes.length, MAX_BYTES);
        Memory.copy(bytes, 0, address, length);
        if (length < MAX_BYTES) {
            Memory.putByte(address + length, (byte) 0);
        }
        return address;
    }

    private static byte[] encode(Path path, String text) {
        if (text.indexOf(REPLACEMENT) < 0) {
            return text.getBytes(ENCODING);
        }
        // A name that is no text in this encoding: only the URI still has its bytes.
        URI uri = ROOT.resolve(path).toUri(); // of a relative one it would name the directory too
        byte[] raw = uri.getRawPath().getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[raw.length];
        int length = 0;
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] == '%') {
                int high = Character.digit(raw[i + 1], 16);
                bytes[length++] = (byte) (high << 4 | Character.digit(raw[i + 2], 16));
                i += 2;
            } else {
                bytes[length++] = raw[i];
            }
        }
        // The URI of a directory ends with a slash, which would follow a symbolic link.
        boolean slash = length > 1 && bytes[length - 1] == '/';
        return Arrays.copyOfRange(bytes, path.isAbsolute() ? 0 : 1, slash ? length - 1 : length);
    }

    /** The path of bytes that the kernel gave, a name or a link's target; they all survive. */
    static Path decode(byte[] bytes) {
        String text = new String(bytes, ENCODING);
        if (text.indexOf(REPLACEMENT) < 0) {
            return Path.of(text);
        }
        // No text in this encoding: only a URI, which is absolute, carries the bytes into a path.
        StringBuilder uri = new StringBuilder("file:///");
        for (byte b : bytes) {
            if (b == '/') {
                uri.append('/');
            } else {
                uri.append('%').append(HexFormat.of().toHexDigits(b));
            }
        }
        Path absolute = Path.of(URI.create(uri.toString()));
        return bytes[0] == '/' ? absolute : absolute.subpath(0, absolute.getNameCount());
    }

    /** Writes a name's bytes into the slot's scratch memory from {@code at}; sets the address. */
    static void put(Core core, Slot slot, byte[] name, int at) {
        slot.address = place(core, slot, name, at, Slot.SCRATCH_BYTES);
    }

    /** Returns what {@link #put} borrowed: the operation is over. */
    static void release(Slot slot) {
        Object lent = slot.lent;
        if (lent instanceof Chunk chunk) {
            slot.lent = null;
            chunk.release();
        } else if (lent instanceof Two(Chunk first, Chunk second)) {
            slot.lent = null;
            first.release();
            second.release();
        }
    }
}
