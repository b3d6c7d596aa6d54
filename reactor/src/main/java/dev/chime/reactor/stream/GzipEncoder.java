package dev.chime.reactor.stream;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Packs to one member of RFC 1952: header, deflated bytes, CRC-32 and length. */
final class GzipEncoder implements Codec {
    static final int DEFAULT_LEVEL = Deflater.DEFAULT_COMPRESSION;

    /** Magic, deflate, no flags, no time, no hint, an unknown system: nothing to tell of us. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final Deflater deflater;
    private final CRC32 crc = new CRC32();
    private final ByteBuffer frame = ByteBuffer.allocate(HEADER.length);
    private boolean trailing;

    GzipEncoder(int level) {
        if (level < -1 || level > Deflater.BEST_COMPRESSION) {
            throw new IllegalArgumentException("level is " + level + ": use -1 to 9");
        }
        deflater = new Deflater(level, true);
        frame.put(HEADER).flip();
    }

    @Override
    public boolean transform(ByteBuffer input, boolean last, ByteBuffer output) {
        if (!pour(frame, output)) {
            return false;
        }
        if (trailing) {
            return true;
        }
        if (input.hasRemaining() && deflater.needsInput()) {
            crc.update(input.duplicate());
            deflater.setInput(input);
        }
        if (last) {
            deflater.finish();
        }
        while (output.hasRemaining() && !deflater.finished()) {
            if (deflater.deflate(output) == 0 && deflater.needsInput()) {
                return true;
            }
        }
        if (!deflater.finished()) {
            return false;
        }
        trailing = true;
        frame.clear();
        putLittleEndian((int) crc.getValue());
        putLittleEndian((int) deflater.getBytesRead());
        frame.flip();
        return pour(frame, output);
    }

    /** Moves bytes; true when all have gone. */
    private static boolean pour(ByteBuffer from, ByteBuffer to) {
        while (from.hasRemaining() && to.hasRemaining()) {
            to.put(from.get());
        }
        return !from.hasRemaining();
    }

    private void putLittleEndian(int value) {
        frame.putInt(Integer.reverseBytes(value));
    }

    @Override
    public void close() {
        deflater.end();
    }
}
