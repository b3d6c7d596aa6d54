package dev.chime.samples.generations;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The file that is read, and a checksum of each of its blocks. One thread.
 *
 * <p>Checksums are taken when the file is made, or, of somebody's own file, in one pass before the
 * measurements.
 */
final class Content implements AutoCloseable {
    static final int BLOCK_BYTES = 4096;
    private static final int PIECE_BYTES = 1 << 20;

    /** Kept over reboots, so on a disk, where the folder for temporary files may be in memory. */
    private static final Path LASTING = Path.of("/var/tmp");

    private final Path path;
    private final int[] checksums;
    private final boolean own;
    private final CRC32C crc = new CRC32C();

    private Content(Path path, long bytes, boolean own) {
        this.path = path;
        this.own = own;
        checksums = new int[Math.toIntExact(bytes / BLOCK_BYTES)];
    }

    /** Makes a file of {@code bytes} bytes without a pattern, which {@link #close} deletes. */
    static Content create(long bytes) throws IOException {
        Path path =
                Files.isWritable(LASTING)
                        ? Files.createTempFile(LASTING, "chime-generations", ".dat")
                        : Files.createTempFile("chime-generations", ".dat");
        path.toFile().deleteOnExit(); // an interrupted run leaves nothing either
        Content content = new Content(path, bytes, true);
        try {
            content.write();
        } catch (IOException | RuntimeException e) {
            content.close();
            throw e;
        }
        return content;
    }

    /** Reads the first {@code bytes} bytes of a file that is there already. */
    static Content of(Path path, long bytes) throws IOException {
        Content content = new Content(path, bytes, false);
        content.read();
        return content;
    }

    private void write() throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES).order(ByteOrder.nativeOrder());
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            long word = 0;
            for (int block = 0; block < blocks(); ) {
                piece.clear().limit(pieceBytes(block));
                while (piece.hasRemaining()) {
                    piece.putLong(scrambled(word++));
                }
                block = sum(piece.flip(), block);
                while (piece.hasRemaining()) {
                    file.write(piece);
                }
            }
            file.force(true); // the page cache gives up only what is on the disk
        }
    }

    private void read() throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            for (int block = 0; block < blocks(); ) {
                piece.clear().limit(pieceBytes(block));
                while (piece.hasRemaining()) {
                    if (file.read(piece) < 0) {
                        throw new IOException(path + " has become shorter; leave it alone");
                    }
                }
                block = sum(piece.flip(), block);
            }
        }
    }

    private int pieceBytes(int block) {
        return (int) Math.min(PIECE_BYTES, (long) (blocks() - block) * BLOCK_BYTES);
    }

    /** Notes the checksums of a piece that starts with {@code block}; the block behind it. */
    private int sum(ByteBuffer piece, int block) {
        int next = block;
        for (int at = 0; at < piece.limit(); at += BLOCK_BYTES) {
            checksums[next++] = checksum(piece.slice(at, BLOCK_BYTES));
        }
        return next;
    }

    /** A word that differs from those of all other places in the file. */
    private static long scrambled(long place) {
        long mixed = (place + 1) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        return mixed ^ (mixed >>> 27);
    }

    private int checksum(ByteBuffer bytes) {
        crc.reset();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    Path path() {
        return path;
    }

    int blocks() {
        return checksums.length;
    }

    /** How much of the file is read: its blocks. */
    long bytes() {
        return (long) blocks() * BLOCK_BYTES;
    }

    /**
     * Holds what a read gave against the file.
     *
     * @param result the bytes read, or a negative errno
     */
    void check(Request request, long result) throws ReactorException {
        if (result < 0) {
            throw failure((int) -result);
        }
        if (result != BLOCK_BYTES) {
            throw new ReactorException(
                    "ERR_SHORT_READ",
                    "read %d of %d bytes at %d of %s; did the file become shorter?"
                            .formatted(result, BLOCK_BYTES, request.position(), path));
        }
        if (checksum(request.bytes.clear()) != checksums[request.block]) {
            throw new ReactorException(
                    "ERR_WRONG_BYTES",
                    "the %d bytes read at %d of %s are not those of the file; did it change?"
                            .formatted(BLOCK_BYTES, request.position(), path));
        }
    }

    /** The error of a read. */
    ErrnoException failure(int errno) {
        return ErrnoException.file(errno, "read", path.toString());
    }

    /** Deletes the file if it was made here. */
    @Override
    public void close() throws IOException {
        if (own) {
            Files.deleteIfExists(path);
        }
    }
}
