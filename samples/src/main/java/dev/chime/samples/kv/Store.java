package dev.chime.samples.kv;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.NativeMemoryException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys in memory, each with the place of its value in the log. Loop thread only.
 *
 * <p>A change is told of when it is on the disk, and so is what depends on one: an answer never
 * speaks of something that a power cut could take back. One commit is under way at a time; what
 * comes meanwhile goes with the next one. When a commit fails nobody knows what is on the disk, so
 * the store does nothing more.
 */
final class Store {
    /** The file that has everything. */
    static final String LOG = "kv.log";

    /** The file that will, when a compaction is done. */
    static final String NEW_LOG = "kv.log.new";

    private static final int MEMORY_RETRY_MILLIS = 10;

    private final Reactor reactor;
    private final Fs fs;
    private final Path folder;
    private final FileHandle lock;
    private final Map<Key, Entry> index = new HashMap<>();
    private final ArrayDeque<Batch> batches = new ArrayDeque<>();
    private Log log;
    private long liveBytes;
    private long compactFromBytes;
    private long nextBatch;
    private boolean commitPlanned;
    private @Nullable Batch committing;
    private @Nullable Compaction compaction;
    private boolean held;
    private @Nullable Runnable whenHeld;
    private @Nullable ReactorException failure;
    private @Nullable Done onFailure;
    private @Nullable Done closing;

    /** A store that {@link StoreOpening} fills; a log below a size is never compacted. */
    Store(Reactor reactor, Fs fs, Path folder, FileHandle lock, Log log, long compactFromBytes) {
        this.reactor = reactor;
        this.fs = fs;
        this.folder = folder;
        this.lock = lock;
        this.log = log;
        this.compactFromBytes = compactFromBytes;
    }

    /** Hears of the error that ends the store. */
    void onFailure(Done handler) {
        onFailure = handler;
    }

    int size() {
        return index.size();
    }

    // ---- reading

    /** The value of a key, the callback's until it returns; null when there is none. */
    void get(Key key, Callback<@Nullable Buffer> callback) {
        Entry entry = index.get(key);
        if (entry == null || failure != null) {
            reactor.nextTick(() -> callback.call(failure, null));
        } else if (entry.batch == null) {
            read(entry, callback);
        } else {
            entry.batch.onSettled(err -> {
                if (err != null || entry.deleted) {
                    callback.call(err, null);
                } else {
                    read(entry, callback);
                }
            });
        }
    }

    /** How many of the keys there are; a key that is named twice counts twice. */
    void exists(List<Key> keys, Callback<Integer> callback) {
        int found = 0;
        Batch last = null;
        for (Key key : keys) {
            Entry entry = index.get(key);
            found += isThere(entry) ? 1 : 0;
            last = later(last, entry);
        }
        answer(last, found, callback);
    }

    /** The bytes of a key's value, 0 without one. */
    int valueLength(Key key) {
        Entry entry = index.get(key);
        return entry == null ? 0 : entry.valueLength();
    }

    private void read(Entry entry, Callback<@Nullable Buffer> callback) {
        Buffer record;
        try {
            record = reactor.buffer(entry.length);
        } catch (NativeMemoryException e) {
            ReactorException none = new ReactorException("ERR_NATIVE_MEMORY", e.toString());
            reactor.nextTick(() -> callback.call(none, null));
            return;
        }
        Log from = log;
        from.readerCame();
        FullRead.start(
                from.file,
                record,
                entry.position,
                (err, bytes) -> {
                    from.readerWent();
                    try {
                        value(entry, record, err, callback);
                    } finally {
                        record.release();
                    }
                });
    }

    private static void value(
            Entry entry,
            Buffer record,
            @Nullable ReactorException err,
            Callback<@Nullable Buffer> callback)
            throws Exception {
        if (err != null) {
            callback.call(err, null);
        } else if (LogFormat.record(record.asByteBuffer(), 0, entry.length) == null) {
            callback.call(
                    new ReactorException(
                            "ERR_STORE_CORRUPT", "the value of '" + entry.key + "' is damaged"),
                    null);
        } else {
            Buffer value = record.slice(entry.length - entry.valueLength(), entry.valueLength());
            try {
                callback.call(null, value);
            } finally {
                value.release();
            }
        }
    }

    // ---- changing

    /** Stores a value. */
    void set(Key key, byte[] value, Done done) {
        answer(append(key, value).batch, 0, (err, zero) -> done.call(err));
    }

    /** Removes keys; the callback hears how many there were. */
    void delete(List<Key> keys, Callback<Integer> callback) {
        int found = 0;
        Batch last = null;
        for (Key key : keys) {
            Entry entry = index.get(key);
            if (isThere(entry)) {
                found++;
                entry = append(key, null);
            }
            last = later(last, entry);
        }
        answer(last, found, callback);
    }

    private static boolean isThere(@Nullable Entry entry) {
        return entry != null && !entry.deleted;
    }

    /** Of two batches the one that is committed later; entries come in any order. */
    private static @Nullable Batch later(@Nullable Batch one, @Nullable Entry other) {
        Batch batch = other == null ? null : other.batch;
        boolean first = one == null || (batch != null && batch.number() > one.number());
        return first ? batch : one;
    }

    /** Answers when a batch is on the disk, or in a later tick when there is none to wait for. */
    private <T> void answer(@Nullable Batch batch, T value, Callback<T> callback) {
        if (batch == null || failure != null) {
            reactor.nextTick(() -> callback.call(failure, value));
        } else {
            batch.onSettled(err -> callback.call(err, value));
        }
    }

    private Entry append(Key key, byte @Nullable [] value) {
        Batch batch = batches.peekLast();
        if (batch == null || batch.isFull()) {
            batch = new Batch(nextBatch++);
            batches.add(batch);
        }
        Entry entry = batch.add(key, value);
        entry.previous = index.put(key, entry);
        planCommit();
        return entry;
    }

    // ---- commits

    /** At the end of the turn, so that all its changes go together. */
    private void planCommit() {
        if (!commitPlanned && committing == null && !held && failure == null) {
            commitPlanned = true;
            reactor.setImmediate(this::commit);
        }
    }

    private void commit() {
        commitPlanned = false;
        Batch batch = batches.peek();
        if (batch == null || held || failure != null) {
            return;
        }
        Buffer bytes;
        try {
            bytes = reactor.buffer(batch.bytes());
        } catch (NativeMemoryException e) { // until somebody gives some back
            commitPlanned = true;
            reactor.setTimeout(MEMORY_RETRY_MILLIS, this::commit);
            return;
        }
        bytes.asByteBuffer().put(batch.seal(log));
        batches.remove();
        committing = batch;
        log.file.writeAndSync(bytes, log.end, (err, written) -> committed(batch, err, written));
        bytes.release();
    }

    private void committed(Batch batch, @Nullable ReactorException err, int bytes)
            throws Exception {
        committing = null;
        if (err != null) {
            batches.addFirst(batch);
            fail(err);
            return;
        }
        for (Entry entry : batch.entries()) {
            entry.position += log.end;
            settled(entry);
        }
        log.end += bytes;
        batch.settled(null);
        if (whenHeld != null) {
            holdNow(whenHeld);
        } else if (!batches.isEmpty()) {
            planCommit();
        }
        compactIfWorthwhile();
        closeIfIdle();
    }

    /** A record of the log, at start-up, in order. */
    void replayed(Entry entry) {
        entry.previous = index.put(entry.key, entry);
        settled(entry);
    }

    /** A record is on the disk: what it replaces is garbage, and so is the mark of a deletion. */
    private void settled(Entry entry) {
        Entry replaced = entry.previous;
        entry.batch = null;
        entry.previous = null;
        if (replaced != null && !replaced.deleted) {
            liveBytes -= replaced.length;
        }
        if (entry.deleted) {
            index.remove(entry.key, entry);
        } else {
            liveBytes += entry.length;
        }
    }

    /** Ends the store: what is not on the disk now is told so, and nothing is promised any more. */
    void fail(ReactorException err) throws Exception {
        if (failure != null) {
            return;
        }
        failure = err;
        for (Batch batch : batches) {
            batch.settled(err);
        }
        batches.clear();
        if (whenHeld != null) {
            holdNow(whenHeld); // a compaction, which gives up
        }
        if (onFailure != null) {
            onFailure.call(err);
        }
        closeIfIdle();
    }

    // ---- compaction

    /** Starts one when more than half of the log is garbage. */
    void compactIfWorthwhile() {
        boolean busy = compaction != null || failure != null || closing != null;
        if (!busy && log.end >= compactFromBytes && liveBytes < log.end / 2) {
            compaction = new Compaction(this, reactor, fs, folder, log);
            compaction.start();
        }
    }

    /** The newest record of a key that is on the disk. */
    @Nullable Entry durable(Key key) {
        return Entry.durable(index.get(key));
    }

    /** True when a compaction had better give up. */
    boolean isEnding() {
        return failure != null || closing != null;
    }

    /** Starts no more commits, and runs {@code task} when none is under way. */
    void hold(Runnable task) {
        if (committing == null) {
            holdNow(task);
        } else {
            whenHeld = task;
        }
    }

    private void holdNow(Runnable task) {
        whenHeld = null;
        held = true;
        task.run();
    }

    /** The new log has taken the old one's name, for good. */
    void compacted(Log fresh) {
        for (Entry newest : index.values()) {
            Entry entry = Entry.durable(newest);
            if (entry != null && !entry.deleted) {
                entry.position = entry.copiedTo;
            }
        }
        log.retire();
        log = fresh;
        compactionEnded();
    }

    /** The old log stays; the next try is made when it has doubled. */
    void compactionGivenUp() {
        compactFromBytes = Math.max(compactFromBytes, 2 * log.end);
        compactionEnded();
    }

    private void compactionEnded() {
        compaction = null;
        held = false;
        whenHeld = null;
        planCommit();
        closeIfIdle();
    }

    // ---- the end

    /** Closes the files when everything is on the disk. */
    void close(Done done) {
        closing = done;
        closeIfIdle();
    }

    private void closeIfIdle() {
        Done done = closing;
        if (done == null || committing != null || compaction != null || !batches.isEmpty()) {
            return;
        }
        closing = null;
        log.retire();
        lock.close(done);
    }
}
