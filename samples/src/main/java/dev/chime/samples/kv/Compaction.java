package dev.chime.samples.kv;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.NativeMemoryException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the records that count into a new log while the store goes on: it follows the old log to
 * its end, holds the commits for the last piece, syncs, and renames. Until the rename the old log
 * has everything, after it the new one has, so it may be cut off anywhere.
 */
final class Compaction {
    private static final Logger LOG = LoggerFactory.getLogger(Compaction.class);
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What may be left to copy when the commits are held. */
    private static final int LAST_PIECE_BYTES = LogFormat.MAX_FRAME_BYTES;

    /** After so many ends of the log that had moved on meanwhile, the commits are held anyhow. */
    private static final int MOST_ROUNDS = 8;

    private final Store store;
    private final Reactor reactor;
    private final Fs fs;
    private final Path folder;
    private final Log old;
    private final long salt = RANDOM.nextLong();
    private final long startedAt;
    private long roundEnd;
    private int rounds;
    private boolean holding;
    private @Nullable LogReader reader;
    private @Nullable FileHandle file;
    private long end;

    Compaction(Store store, Reactor reactor, Fs fs, Path folder, Log old) {
        this.store = store;
        this.reactor = reactor;
        this.fs = fs;
        this.folder = folder;
        this.old = old;
        startedAt = old.end;
        roundEnd = old.end;
    }

    void start() {
        old.readerCame();
        try {
            reader = new LogReader(reactor, old.file, old.salt);
        } catch (NativeMemoryException e) {
            reactor.nextTick(() -> giveUp(e.getMessage()));
            return;
        }
        fs.open(
                folder.resolve(Store.NEW_LOG),
                "w+",
                (err, opened) -> {
                    if (err != null) {
                        giveUp(err.getMessage());
                        return;
                    }
                    file = opened;
                    write(ByteBuffer.wrap(LogFormat.fileHead(salt)), this::copy);
                });
    }

    private void write(ByteBuffer bytes, Runnable then) {
        int length = bytes.remaining();
        Buffer buffer;
        try {
            buffer = reactor.buffer(length);
        } catch (NativeMemoryException e) {
            reactor.nextTick(() -> giveUp(e.getMessage()));
            return;
        }
        buffer.asByteBuffer().put(bytes);
        file().write(
                        buffer,
                        end,
                        (err, written) -> {
                            end += written;
                            goOn(err, then);
                        });
        buffer.release();
    }

    private void goOn(@Nullable ReactorException err, Runnable then) {
        if (err != null) {
            giveUp(err.getMessage());
        } else if (store.isEnding()) {
            giveUp("the store is ending");
        } else {
            then.run();
        }
    }

    // ---- the copy

    private void copy() {
        long position = reader().position();
        if (position < old.end) {
            reader().read(old.end, err -> goOn(err, this::copyWindow));
        } else if (!holding) {
            hold();
        } else {
            finish();
        }
    }

    private void copyWindow() {
        List<ByteBuffer> kept = new ArrayList<>();
        int bytes = LogFormat.FRAME_HEAD_BYTES;
        long from = reader().position();
        for (List<Entry> records = reader().nextFrame();
                records != null;
                records = reader().nextFrame()) {
            for (Entry record : records) {
                if (keeps(record, end + bytes)) {
                    kept.add(reader().bytes(record));
                    bytes += record.length;
                }
            }
        }
        if (reader().position() == from) {
            giveUp("the log is damaged at byte " + from);
            return;
        }
        boolean near = old.end - reader().position() <= LAST_PIECE_BYTES;
        if (reader().position() >= roundEnd) {
            rounds++;
            roundEnd = old.end;
        }
        Runnable next = !holding && (near || rounds == MOST_ROUNDS) ? this::hold : this::copy;
        if (kept.isEmpty()) {
            next.run();
        } else {
            ByteBuffer frame = ByteBuffer.allocate(bytes).position(LogFormat.FRAME_HEAD_BYTES);
            kept.forEach(frame::put);
            frame.flip();
            LogFormat.putFrameHead(frame, salt, end);
            write(frame, next);
        }
    }

    /**
     * True for the record that holds, which will be at {@code place}, and for the mark of a
     * deletion, when what it deletes may have been copied before.
     */
    private boolean keeps(Entry record, long place) {
        if (record.deleted) {
            return record.position >= startedAt;
        }
        Entry holds = store.durable(record.key);
        if (holds == null || holds.position != record.position) {
            return false;
        }
        holds.copiedTo = place;
        return true;
    }

    private void hold() {
        holding = true;
        store.hold(() -> goOn(null, this::copy));
    }

    // ---- the change

    private void finish() {
        file().sync(err -> goOn(err, this::rename));
    }

    private void rename() {
        fs.rename(
                folder.resolve(Store.NEW_LOG),
                folder.resolve(Store.LOG),
                err -> {
                    if (err != null) {
                        giveUp(err.getMessage());
                    } else {
                        syncFolder(fs, folder, this::renamed);
                    }
                });
    }

    private void renamed(@Nullable ReactorException err) throws Exception {
        if (err != null) { // which of the two logs a power cut would leave, nobody knows
            store.fail(err);
            giveUp(err.getMessage());
            return;
        }
        LOG.info("compacted {} bytes of log to {}", old.end, end);
        reader().close();
        old.readerWent();
        store.compacted(new Log(file(), salt, end));
    }

    /** Waits until the names in a folder are on the disk. */
    static void syncFolder(Fs fs, Path folder, Done done) {
        fs.open(
                folder,
                "r",
                (err, handle) -> {
                    if (err != null) {
                        done.call(err);
                    } else {
                        handle.sync(failed -> handle.close(closed -> done.call(failed)));
                    }
                });
    }

    private void giveUp(@Nullable String why) {
        LOG.warn("the log is not compacted: {}", why);
        if (reader != null) {
            reader.close();
        }
        old.readerWent();
        if (file == null) {
            store.compactionGivenUp();
            return;
        }
        // What is left of the new log the next one overwrites, or the next start removes.
        file.close(
                err -> fs.unlink(folder.resolve(Store.NEW_LOG), gone -> store.compactionGivenUp()));
    }

    private LogReader reader() {
        return Objects.requireNonNull(reader);
    }

    private FileHandle file() {
        return Objects.requireNonNull(file);
    }
}
