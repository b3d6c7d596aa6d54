package dev.chime.samples.cache;

import dev.chime.fs.AllocateMode;
import dev.chime.fs.FileHandle;
import dev.chime.fs.ReadCallback;
import dev.chime.fs.WriteStream;
import dev.chime.fs.WriteStreamOptions;
import dev.chime.net.http.IncomingMessage;
import dev.chime.net.http.ServerResponse;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.Readable;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A miss under way: one request to the origin, for everybody who wants the same.
 *
 * <p>What comes goes into a file, and each client reads that file at its own pace, behind the
 * writer; so neither a slow client nor one that leaves changes anything for the others. A body that
 * outgrows the cache is not kept: then the origin is read no faster than the slowest client, and
 * what all have read is cut out of the file.
 */
final class Fill {
    private static final Logger LOG = LoggerFactory.getLogger(Fill.class);

    /** Bytes that are on their way to the file. */
    private static final int QUEUE_BYTES = 256 << 10;

    /** Bytes that the slowest client may be behind once the body is too large to be kept. */
    private static final long WINDOW_BYTES = 1 << 20;

    /** A request that waits for the first byte of the body, and its answer. */
    private record Waiting(IncomingMessage request, ServerResponse response) {}

    private final Proxy proxy;
    private final String url;
    private final @Nullable Entry stale;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final Set<FillReader> readers = new LinkedHashSet<>();
    private final CRC32 crc = new CRC32();
    private @Nullable Entry entry;
    private @Nullable FileHandle file;
    private @Nullable WriteStream out;
    private @Nullable Readable source;
    private long declared = -1;
    private long received;
    private long written;
    private long counted;
    private long cut;
    private boolean answering;
    private boolean kept = true;
    private boolean whole;
    private boolean over;

    /**
     * Makes one.
     *
     * @param stale what the cache has and the origin shall judge, or null
     */
    Fill(Proxy proxy, String url, @Nullable Entry stale) {
        this.proxy = proxy;
        this.url = url;
        this.stale = stale;
    }

    @Nullable Entry stale() {
        return stale;
    }

    Reactor reactor() {
        return proxy.reactor();
    }

    /** Answers a request from here. */
    void join(IncomingMessage request, ServerResponse response) {
        if (!answering) {
            waiting.add(new Waiting(request, response));
        } else {
            answer(response);
        }
    }

    // ---- the head

    /** The origin has answered, or failed to. */
    void responded(@Nullable ReactorException err, IncomingMessage response) {
        if (err != null) {
            end();
            waiting.forEach(one -> proxy.fail(one.response(), err));
        } else if (response.status() == 304 && stale != null) {
            response.body().resume();
            validated(stale, response);
        } else if (Freshness.isStorable(response)) {
            begin(response);
        } else {
            if (stale != null && response.status() < 500) {
                proxy.cache().remove(stale);
            }
            handOn(response);
        }
    }

    private void validated(Entry old, IncomingMessage response) {
        Entry entry = old.validated(Fields.endToEnd(response.headers(), Set.of()), proxy.now());
        proxy.cache().update(old, entry);
        end();
        waiting.forEach(one -> proxy.hit(entry, one.request(), one.response()));
    }

    /** Gives the response to the first who waits; it is not for the others, who ask themselves. */
    private void handOn(IncomingMessage response) {
        end();
        Waiting first = waiting.poll();
        while (first != null && first.response().isEnded()) {
            first = waiting.poll();
        }
        if (first == null) {
            response.body().destroy();
            return;
        }
        proxy.handOn(response, first.response());
        waiting.forEach(one -> proxy.forward(url, one.request(), one.response()));
    }

    // ---- the body

    private void begin(IncomingMessage response) {
        Path place = proxy.cache().newFile(url);
        Entry begun =
                Entry.begun(
                        url,
                        Cache.part(place),
                        Fields.endToEnd(response.headers(), Set.of()),
                        proxy.now());
        String length = response.header("Content-Length");
        declared = length == null ? -1 : Long.parseLong(length);
        if (!proxy.cache().grow(begun.bodyAt())) {
            handOn(response);
            return;
        }
        counted = begun.bodyAt();
        proxy.cache()
                .fs()
                .open(
                        begun.file(),
                        "wx+",
                        (err, opened) -> {
                            if (err != null) {
                                LOG.warn("{}", err.getMessage());
                                proxy.cache().shrink(counted);
                                handOn(response);
                                return;
                            }
                            entry = begun;
                            file = opened;
                            fill(opened, begun, place, response.body());
                        });
    }

    private void fill(FileHandle to, Entry begun, Path place, Readable from) {
        source = from;
        WriteStream stream =
                to.createWriteStream(
                        WriteStreamOptions.defaults()
                                .start(begun.bodyAt())
                                .highWaterMark(QUEUE_BYTES)
                                .autoClose(false));
        out = stream;
        stream.onDrain(this::moved);
        stream.onClose(err -> {
            if (err != null) {
                failed(err);
            }
        });
        from.onData(data -> take(data, stream));
        from.finished(err -> {
            if (err != null) {
                failed(err);
                return;
            }
            stream.onFinish(() -> complete(to, begun, place));
            stream.end();
        });
    }

    /** The origin may die before the first byte: until then the answer can be that it has. */
    private void beginAnswers() {
        answering = true;
        waiting.forEach(one -> answer(one.response()));
        waiting.clear();
    }

    private void take(Buffer data, WriteStream stream) {
        if (!answering) {
            beginAnswers();
        }
        int bytes = data.length();
        crc.update(data.asByteBuffer());
        received += bytes;
        if (kept && proxy.cache().grow(bytes)) {
            counted += bytes;
        } else {
            kept = false;
        }
        stream.write(
                data,
                err -> {
                    if (err == null) {
                        written += bytes;
                        List.copyOf(readers).forEach(FillReader::advance);
                    }
                });
        moved();
    }

    /** Reads on, or pauses: the file takes no more for now, or the clients of what is not kept. */
    void moved() {
        Readable from = source;
        WriteStream to = out;
        if (from == null || to == null || whole || over) {
            return;
        }
        if (!kept && readers.isEmpty() && waiting.isEmpty()) {
            failed(new ReactorException("ECANCELED", "nobody reads what cannot be kept"));
            return;
        }
        long slowest = kept ? received : slowest();
        if (to.queuedBytes() >= QUEUE_BYTES || received - slowest > WINDOW_BYTES) {
            from.pause();
        } else if (from.isPaused()) {
            from.resume();
        }
        if (!kept && slowest - cut > WINDOW_BYTES) {
            cutOut(slowest);
        }
    }

    private long slowest() {
        long slowest = received;
        for (FillReader reader : readers) {
            slowest = Math.min(slowest, reader.at());
        }
        return slowest;
    }

    private void cutOut(long end) {
        FileHandle on = file;
        Entry begun = entry;
        if (on != null && begun != null) {
            on.allocate(
                    AllocateMode.PUNCH_HOLE,
                    begun.bodyAt() + cut,
                    end - cut,
                    err -> {}); // where that cannot be, the file is larger for a while
            cut = end;
        }
    }

    // ---- the end

    private void complete(FileHandle to, Entry begun, Path place) {
        whole = true;
        written = received;
        if (!answering) {
            beginAnswers();
        }
        List.copyOf(readers).forEach(FillReader::advance);
        Entry done = begun.complete(place, received, crc.getValue());
        byte[] head = done.head();
        if (!kept || head == null) {
            drop();
            return;
        }
        // The file gets its name when it is on the disk, whole; not before.
        to.writeAndSync(
                head,
                0,
                (err, bytes) -> {
                    if (err != null) {
                        LOG.warn("{}", err.getMessage());
                        drop();
                        return;
                    }
                    proxy.cache()
                            .fs()
                            .rename(
                                    begun.file(),
                                    place,
                                    e -> {
                                        if (e != null || !kept) {
                                            proxy.cache().unlink(place);
                                            drop();
                                            return;
                                        }
                                        proxy.cache().shrink(counted);
                                        counted = 0;
                                        proxy.cache().put(done);
                                        end();
                                    });
                });
    }

    /** The URL has been changed by somebody: what comes must not be kept. */
    void spoil() {
        kept = false;
        moved();
    }

    private void failed(ReactorException err) {
        if (over || whole) {
            return;
        }
        LOG.debug("{}: {}", url, err.getMessage());
        Readable from = source;
        WriteStream to = out;
        drop();
        if (from != null) {
            from.destroy();
        }
        if (to != null) {
            to.destroy();
        }
        waiting.forEach(one -> proxy.fail(one.response(), err));
        waiting.clear();
        List.copyOf(readers).forEach(reader -> reader.destroy(err));
    }

    private void drop() {
        Entry begun = entry;
        if (begun != null) {
            proxy.cache().unlink(begun.file());
        }
        proxy.cache().shrink(counted);
        counted = 0;
        end();
    }

    private void end() {
        over = true;
        proxy.ended(url, this);
        maybeClose();
    }

    private void maybeClose() {
        FileHandle on = file;
        if (over && readers.isEmpty() && on != null) {
            file = null;
            on.close(err -> {});
        }
    }

    // ---- clients

    private void answer(ServerResponse response) {
        Entry begun = entry;
        if (begun == null || response.isEnded()) {
            return;
        }
        proxy.answer(
                begun, declared, "MISS", response, (at, bytes) -> new FillReader(this, at, bytes));
    }

    void joined(FillReader reader) {
        readers.add(reader);
    }

    void left(FillReader reader) {
        readers.remove(reader);
        moved();
        maybeClose();
    }

    /** Bytes of the body that are in the file. */
    long written() {
        return written;
    }

    /** True once all of them are. */
    boolean isWhole() {
        return whole;
    }

    void read(Buffer target, long at, ReadCallback callback) {
        FileHandle from = file;
        Entry begun = entry;
        if (from == null || begun == null) {
            throw new AssertionError("a reader keeps the file open");
        }
        from.read(target, begun.bodyAt() + at, callback);
    }
}
