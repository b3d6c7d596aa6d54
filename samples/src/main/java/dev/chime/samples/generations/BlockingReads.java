package dev.chime.samples.generations;

import dev.chime.reactor.ReactorException;
import java.lang.foreign.Arena;

/** pread(2) on one thread: it stands still until the bytes are there, one read after the other. */
final class BlockingReads implements Generation {
    @Override
    public String name() {
        return "pread, 1 thread";
    }

    @Override
    public void perform(Reads reads) throws UnavailableException, ReactorException {
        try (Arena arena = Arena.ofConfined();
                OpenFile file = OpenFile.of(reads, false)) {
            Request request = Request.allocate(arena, 1).getFirst();
            while (reads.begin(request)) {
                long result = file.pread(request);
                reads.held(System.nanoTime() - request.startedNanos);
                reads.end(request, result);
            }
        }
    }
}
