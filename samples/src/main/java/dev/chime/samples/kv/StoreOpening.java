package dev.chime.samples.kv;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.fs.LockRange;
import dev.chime.fs.MkdirOptions;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a store: makes the folder and the log, locks out a second server, replays the log, and cuts
 * off a commit that was never finished.
 */
final class StoreOpening {
    private static final Logger LOG = LoggerFactory.getLogger(StoreOpening.class);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Reactor reactor;
    private final Fs fs;
    private final Path folder;
    private final Path path;
    private final long compactFromBytes;
    private final Callback<Store> callback;
    private @Nullable FileHandle lock;
    private @Nullable FileHandle file;
    private @Nullable LogReader reader;
    private @Nullable Store store;
    private @Nullable Log log;
    private long lastFrame = -1;

    private StoreOpening(
            Reactor reactor, Path folder, long compactFromBytes, Callback<Store> callback) {
        this.reactor = reactor;
        this.fs = Fs.of(reactor);
        this.folder = folder.toAbsolutePath();
        this.path = this.folder.resolve(Store.LOG);
        this.compactFromBytes = compactFromBytes;
        this.callback = callback;
    }

    /**
     * Opens the store of a folder, which is made when there is none. Errors: {@code
     * ERR_STORE_IN_USE}, {@code ERR_STORE_CORRUPT}, and those of files.
     */
    static void start(
            Reactor reactor, Path folder, long compactFromBytes, Callback<Store> callback) {
        new StoreOpening(reactor, folder, compactFromBytes, callback).makeFolder();
    }

    /** What to do next, unless an error came. */
    private Done then(Runnable next) {
        return err -> {
            if (err != null) {
                fail(err);
            } else {
                next.run();
            }
        };
    }

    @SuppressWarnings("NullAway") // with an error there is no value
    private void fail(ReactorException err) throws Exception {
        if (reader != null) {
            reader.close();
        }
        close(file, () -> close(lock, () -> callback.call(err, null)));
    }

    private static void close(@Nullable FileHandle handle, Task next) throws Exception {
        if (handle == null) {
            next.run();
        } else {
            handle.close(closed -> next.run());
        }
    }

    // ---- the files

    private void makeFolder() {
        fs.mkdir(
                folder,
                MkdirOptions.defaults().recursive(true),
                (err, first) -> {
                    if (err != null) {
                        fail(err);
                    } else if (first == null) {
                        openLock();
                    } else {
                        syncAbove(folder, first.toAbsolutePath());
                    }
                });
    }

    /** A new folder is there after a power cut when the one above it has been synced. */
    private void syncAbove(Path made, Path first) {
        Path above = Objects.requireNonNullElse(made.getParent(), made);
        Runnable next = made.equals(first) ? this::openLock : () -> syncAbove(above, first);
        Compaction.syncFolder(fs, above, then(next));
    }

    private void openLock() {
        fs.open(
                folder.resolve("lock"),
                "a",
                (err, opened) -> {
                    lock = opened;
                    then(this::takeLock).call(err);
                });
    }

    private void takeLock() {
        Objects.requireNonNull(lock)
                .tryLock(
                        LockRange.exclusive(),
                        (err, taken) -> {
                            boolean lockless = err != null && err.code().equals("ENOSYS");
                            if (err != null && !lockless) {
                                fail(err);
                            } else if (!lockless && !taken) {
                                fail(
                                        new ReactorException(
                                                "ERR_STORE_IN_USE",
                                                "another server uses the folder " + folder));
                            } else {
                                removeNewLog();
                            }
                        });
    }

    /** What a compaction left that was cut off. */
    private void removeNewLog() {
        fs.unlink(
                folder.resolve(Store.NEW_LOG),
                err -> then(this::openLog).call(isMissing(err) ? null : err));
    }

    private static boolean isMissing(@Nullable ReactorException err) {
        return err != null && err.code().equals("ENOENT");
    }

    private void openLog() {
        fs.open(
                path,
                "r+",
                (err, opened) -> {
                    if (isMissing(err)) {
                        byte[] head = LogFormat.fileHead(RANDOM.nextLong());
                        fs.writeFileAtomic(path, head, then(this::openLog));
                    } else {
                        file = opened;
                        then(this::readHead).call(err);
                    }
                });
    }

    private void readHead() {
        Buffer head = reactor.buffer(LogFormat.FILE_HEAD_BYTES);
        FullRead.start(
                file(),
                head,
                0,
                (err, bytes) -> {
                    ByteBuffer view = head.asByteBuffer().limit(bytes);
                    boolean isLog = LogFormat.isFileHead(view);
                    long salt = isLog ? LogFormat.salt(view) : 0;
                    head.release();
                    if (err == null && !isLog) {
                        fail(corrupt("it does not start as a log of this program does"));
                    } else {
                        then(() -> askSize(salt)).call(err);
                    }
                });
    }

    private void askSize(long salt) {
        file().stat((err, stats) ->
                then(() -> replay(new Log(file(), salt, stats.size()))).call(err));
    }

    // ---- the replay

    private void replay(Log found) {
        log = found;
        store =
                new Store(
                        reactor, fs, folder, Objects.requireNonNull(lock), found, compactFromBytes);
        reader = new LogReader(reactor, found.file, found.salt);
        readOn();
    }

    private void readOn() {
        if (reader().position() == log().end) {
            writeLastFrameAgain();
        } else {
            reader().read(log().end, then(this::replayWindow));
        }
    }

    private void replayWindow() {
        long from = reader().position();
        long frame = from;
        for (List<Entry> records = reader().nextFrame();
                records != null;
                records = reader().nextFrame()) {
            records.forEach(store()::replayed);
            lastFrame = frame;
            frame = reader().position();
        }
        if (frame > from) {
            readOn();
        } else {
            reader().search(log().end, this::judge);
        }
    }

    /** A damaged frame with one behind it was whole once: it is no commit that was cut off. */
    private void judge(@Nullable ReactorException err, Long next) throws Exception {
        long end = reader().position();
        if (err == null && next >= 0) {
            fail(
                    corrupt(
                            "the commit at byte %d is damaged, but the one at byte %d is whole;"
                                            .formatted(end, next)
                                    + " nothing was changed: restore the file from a copy, or cut"
                                    + " it off there to give up all that came later"));
        } else if (err != null) {
            fail(err);
        } else if (log().end - end > LogFormat.MAX_FRAME_BYTES) {
            fail(corrupt("it is damaged from byte %d on".formatted(end)));
        } else {
            LOG.warn(
                    "{}: cut off {} bytes of a commit that was not finished",
                    path,
                    log().end - end);
            file().truncate(end, then(() -> file().sync(then(this::writeLastFrameAgain))));
            log().end = end;
        }
    }

    /**
     * The server may have died between the last write and its sync, or because the sync failed:
     * then the page cache has what the disk has not.
     */
    private void writeLastFrameAgain() {
        if (lastFrame < 0) {
            opened();
            return;
        }
        Buffer frame = reactor.buffer((int) (log().end - lastFrame));
        FullRead.start(
                file(),
                frame,
                lastFrame,
                (err, bytes) -> {
                    then(() ->
                                    file().writeAndSync(
                                                    frame,
                                                    lastFrame,
                                                    (failed, n) -> then(this::opened).call(failed)))
                            .call(err);
                    frame.release();
                });
    }

    private void opened() {
        reader().close();
        Store opened = store();
        opened.compactIfWorthwhile();
        reactor.nextTick(() -> callback.call(null, opened));
    }

    private ReactorException corrupt(String what) {
        return new ReactorException("ERR_STORE_CORRUPT", path + " is corrupt: " + what);
    }

    private FileHandle file() {
        return Objects.requireNonNull(file);
    }

    private LogReader reader() {
        return Objects.requireNonNull(reader);
    }

    private Store store() {
        return Objects.requireNonNull(store);
    }

    private Log log() {
        return Objects.requireNonNull(log);
    }
}
