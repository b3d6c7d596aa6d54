package dev.chime.samples.generations;

import dev.chime.reactor.ReactorException;
import java.lang.foreign.Arena;
import java.util.List;

/** aio_read(3): asynchronous in the C library, which blocks a thread of its own. */
final class PosixAioReads implements Generation {
    @Override
    public String name() {
        return "POSIX aio (glibc)";
    }

    @Override
    public void perform(Reads reads) throws UnavailableException, ReactorException {
        // Closed in the opposite order: no request outlives its memory or its file.
        try (Arena arena = Arena.ofConfined();
                OpenFile file = OpenFile.of(reads, false);
                PosixAio aio = new PosixAio(reads.depth())) {
            List<Request> requests = Request.allocate(arena, reads.depth());
            int inFlight = 0;
            for (Request request : requests) {
                inFlight += begin(reads, request, aio, file);
            }
            while (inFlight > 0) {
                aio.await();
                for (int i = aio.nextEnded(0); i >= 0; i = aio.nextEnded(i + 1)) {
                    reads.end(requests.get(i), aio.take(i));
                    inFlight += begin(reads, requests.get(i), aio, file) - 1;
                }
            }
        }
    }

    private static int begin(Reads reads, Request request, PosixAio aio, OpenFile file)
            throws ReactorException {
        if (!reads.begin(request)) {
            return 0;
        }
        aio.read(request, file.number());
        reads.held(System.nanoTime() - request.startedNanos);
        return 1;
    }
}
