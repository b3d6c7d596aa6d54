package dev.chime.samples.generations;

import dev.chime.reactor.ReactorException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Blocking reads on a few threads, as libuv does it for Node: one thread hands them out and hears
 * of their ends.
 */
final class PooledReads implements Generation {
    /** libuv's default. */
    private static final int THREADS = 4;

    /** The end of a read: the bytes read, or why not. */
    private record Ended(Request request, long result, @Nullable IOException failure) {}

    @Override
    public String name() {
        return THREADS + " threads, FileChannel";
    }

    @Override
    public void perform(Reads reads) throws UnavailableException, ReactorException, IOException {
        if (reads.random()) {
            throw new UnavailableException("a FileChannel cannot advise");
        }
        try (Arena arena = Arena.ofConfined();
                FileChannel file = FileChannel.open(reads.path(), StandardOpenOption.READ);
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            BlockingQueue<Ended> ended = new ArrayBlockingQueue<>(reads.depth());
            int inFlight = 0;
            for (Request request : Request.allocate(arena, reads.depth())) {
                inFlight += begin(reads, request, file, threads, ended) ? 1 : 0;
            }
            while (inFlight > 0) {
                Ended next = take(ended);
                if (next.failure() != null) {
                    throw next.failure();
                }
                reads.end(next.request(), next.result());
                inFlight -= begin(reads, next.request(), file, threads, ended) ? 0 : 1;
            }
        }
    }

    private static boolean begin(
            Reads reads,
            Request request,
            FileChannel file,
            ExecutorService threads,
            BlockingQueue<Ended> ended) {
        if (!reads.begin(request)) {
            return false;
        }
        threads.execute(() -> ended.add(read(file, request)));
        reads.held(System.nanoTime() - request.startedNanos);
        return true;
    }

    private static Ended read(FileChannel file, Request request) {
        try {
            int bytes = file.read(request.bytes.clear(), request.position());
            return new Ended(request, Math.max(0, bytes), null);
        } catch (IOException e) {
            return new Ended(request, 0, e);
        }
    }

    private static Ended take(BlockingQueue<Ended> ended) throws IOException {
        try {
            return ended.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reads were in flight", e);
        }
    }
}
