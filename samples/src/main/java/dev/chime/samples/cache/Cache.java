package dev.chime.samples.cache;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.fs.LockRange;
import dev.chime.fs.MkdirOptions;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of responses, of a bounded size: what was not asked for longest goes first. Loop thread
 * only.
 *
 * <p>A file's name ends with {@code .part} until the response is whole, and no name is used twice:
 * so whoever opens an entry gets that entry. A process that dies at any moment leaves parts, which
 * the next one removes, and whole entries, which it keeps.
 */
public final class Cache {
    private static final Logger LOG = LoggerFactory.getLogger(Cache.class);

    /** The files that are the cache's; others are left alone. */
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{32}-[0-9a-f]{1,15}(\\.part)?");

    private static final String PART = ".part";
    private static final int CHECKS_AT_ONCE = 16;

    private final Fs fs;
    private final Path folder;
    private final long maxBytes;
    private final FileHandle lock;
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;
    private long lastNumber = System.currentTimeMillis();

    private Cache(Fs fs, Path folder, long maxBytes, FileHandle lock) {
        this.fs = fs;
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.lock = lock;
    }

    /**
     * Opens a cache. Every entry is read once; what is broken is removed. Errors: those of the
     * folder, and {@code ERR_CACHE_IN_USE} while another process has it.
     *
     * @param folder is made if it is not there
     * @param maxBytes of all files together
     */
    public static void open(Reactor reactor, Path folder, long maxBytes, Callback<Cache> callback) {
        Fs fs = Fs.of(reactor);
        fs.mkdir(
                folder,
                MkdirOptions.defaults().recursive(true),
                (err, first) -> {
                    if (err != null) {
                        callback.call(err, none());
                    } else {
                        lock(fs, folder, maxBytes, callback);
                    }
                });
    }

    private static void lock(Fs fs, Path folder, long maxBytes, Callback<Cache> callback) {
        fs.open(
                folder.resolve("lock"),
                "a",
                (err, lock) -> {
                    if (err != null) {
                        callback.call(err, none());
                        return;
                    }
                    lock.tryLock(
                            LockRange.exclusive(),
                            (failed, locked) -> {
                                if (failed == null && locked) {
                                    new Cache(fs, folder, maxBytes, lock).scan(callback);
                                    return;
                                }
                                lock.close(closed -> {});
                                ReactorException why =
                                        failed != null
                                                ? failed
                                                : new ReactorException(
                                                        "ERR_CACHE_IN_USE",
                                                        "another process uses the cache in "
                                                                + folder
                                                                + ": end it, or use another folder");
                                callback.call(why, none());
                            });
                });
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // beside an error: no value
    private static <T> T none() {
        return null;
    }

    // ---- the start

    private void scan(Callback<Cache> callback) {
        fs.readdir(
                folder,
                (err, names) -> {
                    if (err != null) {
                        lock.close(closed -> {});
                        callback.call(err, none());
                        return;
                    }
                    ArrayDeque<Path> left = new ArrayDeque<>();
                    for (Path name : names) {
                        if (!NAME.matcher(name.toString()).matches()) {
                            continue;
                        }
                        noteNumber(name.toString());
                        if (name.toString().endsWith(PART)) {
                            unlink(folder.resolve(name));
                        } else {
                            left.add(folder.resolve(name));
                        }
                    }
                    new Scan(left, callback).begin();
                });
    }

    private void noteNumber(String name) {
        String number = name.substring(name.indexOf('-') + 1).replace(PART, "");
        lastNumber = Math.max(lastNumber, Long.parseUnsignedLong(number, 16));
    }

    /** Reads all files, a few at a time. */
    private final class Scan {
        final ArrayDeque<Path> left;
        final Callback<Cache> callback;
        final List<Entry> found = new ArrayList<>();
        int running;
        int broken;

        Scan(ArrayDeque<Path> left, Callback<Cache> callback) {
            this.left = left;
            this.callback = callback;
        }

        void begin() throws Exception {
            for (int i = 0; i < CHECKS_AT_ONCE && !left.isEmpty(); i++) {
                running++;
                next();
            }
            if (running == 0) {
                end();
            }
        }

        void next() throws Exception {
            Path file = left.poll();
            if (file == null) {
                if (--running == 0) {
                    end();
                }
                return;
            }
            EntryCheck check = new EntryCheck(file);
            fs.createReadStream(file)
                    .onData(check)
                    .finished(err -> {
                        Entry entry = err == null ? check.result() : null;
                        if (entry == null) {
                            broken++;
                            unlink(file);
                        } else {
                            found.add(entry);
                        }
                        next();
                    });
        }

        void end() throws Exception {
            found.sort(Comparator.comparing(Entry::born));
            found.forEach(Cache.this::put);
            LOG.info("{}: {} entries, {} bytes, {} broken", folder, size(), bytes, broken);
            callback.call(null, Cache.this);
        }
    }

    // ---- entries

    /** The entry of a URL, which is the last one to go from now on; null if there is none. */
    @Nullable Entry get(String url) {
        return entries.get(url);
    }

    /** Adds an entry whose file is there, in place of the one of its URL. */
    void put(Entry entry) {
        Entry old = entries.put(entry.url(), entry);
        bytes += entry.fileBytes();
        if (old != null) {
            bytes -= old.fileBytes();
            if (!old.file().equals(entry.file())) {
                unlink(old.file());
            }
        }
        makeRoom();
    }

    /** Changes the fields of an entry, here and in its file; not if another has its place. */
    void update(Entry old, Entry entry) {
        byte[] head = entry.head();
        if (!entries.replace(entry.url(), old, entry)) {
            return;
        }
        if (head == null) {
            remove(entry);
            return;
        }
        fs.open(
                entry.file(),
                "r+",
                (err, file) -> {
                    if (err == null) {
                        file.write(head, 0, (failed, written) -> file.close(closed -> {}));
                    } // else it has just been removed
                });
    }

    /** Removes an entry, unless another has taken its place. */
    void remove(Entry entry) {
        if (entries.remove(entry.url(), entry)) {
            bytes -= entry.fileBytes();
            unlink(entry.file());
        }
    }

    /**
     * Counts bytes that a file under way has more; entries go for them.
     *
     * @return false when there is no room, and nothing has been counted
     */
    boolean grow(long more) {
        bytes += more;
        makeRoom();
        if (bytes <= maxBytes) {
            return true;
        }
        bytes -= more;
        return false;
    }

    /** A file under way is gone, or has become an entry. */
    void shrink(long less) {
        bytes -= less;
    }

    private void makeRoom() {
        Iterator<Entry> eldest = entries.values().iterator();
        while (bytes > maxBytes && eldest.hasNext()) {
            Entry entry = eldest.next();
            eldest.remove();
            bytes -= entry.fileBytes();
            unlink(entry.file());
        }
    }

    /** How many entries there are. */
    public int size() {
        return entries.size();
    }

    /** Bytes of all files, those under way too. */
    public long bytes() {
        return bytes;
    }

    // ---- files

    /** A new name for an entry of a URL. */
    Path newFile(String url) {
        lastNumber = Math.max(lastNumber + 1, System.currentTimeMillis());
        try {
            byte[] sum =
                    MessageDigest.getInstance("SHA-256")
                            .digest(url.getBytes(StandardCharsets.UTF_8));
            String hash = HexFormat.of().formatHex(sum, 0, 16);
            return folder.resolve(hash + "-" + Long.toHexString(lastNumber));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
    }

    /** The name of a file until it is whole. */
    static Path part(Path file) {
        return file.resolveSibling(file.getFileName() + PART);
    }

    void unlink(Path file) {
        fs.unlink(
                file,
                err -> {
                    if (err != null && !err.code().equals("ENOENT")) {
                        LOG.warn("{}", err.getMessage());
                    }
                });
    }

    Fs fs() {
        return fs;
    }
}
