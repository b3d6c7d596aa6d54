package dev.chime.reactor.stream;

import dev.chime.reactor.ReactorException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Unpacks the members of RFC 1952, checking each one's CRC-32 and length. */
final class GzipDecoder implements Codec {
    private static final int FLAG_HEADER_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;
    private static final int FLAGS_RESERVED = 0xe0;
    private static final int FIXED_HEADER_BYTES = 10;
    private static final int TRAILER_BYTES = 8;

    /** Where in a member the next byte lies. */
    private enum Part {
        /** The ten bytes that every member begins with. */
        FIXED,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        HEADER_CRC,
        DATA,
        TRAILER,
        /** Behind the last member: dropped. */
        GARBAGE
    }

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] field = new byte[FIXED_HEADER_BYTES];
    private Part part = Part.FIXED;
    private int filled;
    private int flags;
    private int extra;
    private boolean first = true;

    @Override
    public boolean transform(ByteBuffer input, boolean last, ByteBuffer output)
            throws ReactorException {
        while (true) {
            if (part == Part.DATA) {
                if (!inflate(input, output)) {
                    return false;
                }
            } else if (part == Part.GARBAGE) {
                input.position(input.limit());
            } else if (input.hasRemaining()) {
                header(input.get());
            }
            if (!input.hasRemaining()) {
                if (last && !isWhole()) {
                    throw new ReactorException("Z_BUF_ERROR", "unexpected end of file");
                }
                return true;
            }
        }
    }

    private boolean isWhole() {
        return part == Part.GARBAGE || (part == Part.FIXED && filled == 0 && !first);
    }

    /** Unpacks; false when the output is full and there may be more. */
    private boolean inflate(ByteBuffer input, ByteBuffer output) throws ReactorException {
        while (true) {
            if (inflater.needsInput() && input.hasRemaining()) {
                inflater.setInput(input);
            }
            int before = output.position();
            int bytes;
            try {
                bytes = inflater.inflate(output);
            } catch (DataFormatException e) {
                throw data(e.getMessage() == null ? "invalid data" : e.getMessage());
            }
            crc.update(output.duplicate().flip().position(before));
            if (inflater.finished()) {
                begin(Part.TRAILER);
                return true;
            }
            if (inflater.needsDictionary()) {
                throw data("a preset dictionary is asked for");
            }
            if (!output.hasRemaining()) {
                return false;
            }
            // Used up is what gives nothing more: zlib may hold the end of a match.
            if (bytes == 0 && inflater.needsInput() && !input.hasRemaining()) {
                return true;
            }
        }
    }

    private void begin(Part next) {
        part = next;
        filled = 0;
    }

    /** Takes one byte of what lies around the data. */
    private void header(byte value) throws ReactorException {
        switch (part) {
            case FIXED -> fixed(value);
            case EXTRA_LENGTH -> {
                extra |= (value & 0xff) << (8 * filled);
                if (++filled == 2) {
                    begin(Part.EXTRA);
                    if (extra == 0) {
                        skipTo(Part.NAME);
                    }
                }
            }
            case EXTRA -> {
                if (++filled == extra) {
                    skipTo(Part.NAME);
                }
            }
            case NAME -> {
                if (value == 0) {
                    skipTo(Part.COMMENT);
                }
            }
            case COMMENT -> {
                if (value == 0) {
                    skipTo(Part.HEADER_CRC);
                }
            }
            case HEADER_CRC -> {
                if (++filled == 2) {
                    begin(Part.DATA);
                }
            }
            case TRAILER -> trailer(value);
            case DATA, GARBAGE -> throw new AssertionError(part);
        }
    }

    private void fixed(byte value) throws ReactorException {
        boolean right =
                switch (filled) {
                    case 0 -> value == 0x1f;
                    case 1 -> value == (byte) 0x8b;
                    case 2 -> value == 8;
                    case 3 -> (value & FLAGS_RESERVED) == 0;
                    default -> true;
                };
        if (!right) {
            if (filled < 2 && !first) {
                begin(Part.GARBAGE);
                return;
            }
            throw data(
                    switch (filled) {
                        case 0, 1 -> "incorrect header check";
                        case 2 -> "unknown compression method";
                        default -> "unknown header flags set";
                    });
        }
        if (filled == 3) {
            flags = value;
        }
        if (++filled == FIXED_HEADER_BYTES) {
            first = false;
            extra = 0;
            crc.reset();
            inflater.reset();
            if ((flags & FLAG_EXTRA) != 0) {
                begin(Part.EXTRA_LENGTH);
            } else {
                skipTo(Part.NAME);
            }
        }
    }

    /** Goes on with the next optional field that the flags announce, from {@code next} on. */
    private void skipTo(Part next) {
        if (next == Part.NAME && (flags & FLAG_NAME) != 0) {
            begin(Part.NAME);
        } else if (next != Part.HEADER_CRC && (flags & FLAG_COMMENT) != 0) {
            begin(Part.COMMENT);
        } else if ((flags & FLAG_HEADER_CRC) != 0) {
            begin(Part.HEADER_CRC);
        } else {
            begin(Part.DATA);
        }
    }

    private void trailer(byte value) throws ReactorException {
        field[filled++] = value;
        if (filled < TRAILER_BYTES) {
            return;
        }
        if (littleEndian(0) != (int) crc.getValue()) {
            throw data("incorrect data check");
        }
        if (littleEndian(4) != (int) inflater.getBytesWritten()) {
            throw data("incorrect length check");
        }
        begin(Part.FIXED);
    }

    private int littleEndian(int at) {
        return Integer.reverseBytes(ByteBuffer.wrap(field).getInt(at));
    }

    private static ReactorException data(String what) {
        return new ReactorException("Z_DATA_ERROR", what);
    }

    @Override
    public void close() {
        inflater.end();
    }
}
