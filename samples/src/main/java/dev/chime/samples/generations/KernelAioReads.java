package dev.chime.samples.generations;

import dev.chime.reactor.ReactorException;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * io_submit(2): asynchronous in the kernel, but only with {@code O_DIRECT}. Of a read through the
 * page cache the call itself waits for the device, so that the next one begins when it is over.
 */
final class KernelAioReads implements Generation {
    private final boolean direct;

    KernelAioReads(boolean direct) {
        this.direct = direct;
    }

    @Override
    public String name() {
        return direct ? "io_submit, O_DIRECT" : "io_submit";
    }

    @Override
    public boolean direct() {
        return direct;
    }

    @Override
    public void perform(Reads reads) throws UnavailableException, ReactorException {
        // Closed in the opposite order: no request outlives the context, nor its memory or file.
        try (Arena arena = Arena.ofConfined();
                OpenFile file = OpenFile.of(reads, direct);
                KernelAio aio = new KernelAio(reads.depth())) {
            List<Request> requests = Request.allocate(arena, reads.depth());
            int inFlight = 0;
            for (Request request : requests) {
                inFlight += queue(reads, request, aio, file);
            }
            submit(reads, aio);
            while (inFlight > 0) {
                int ended = aio.await();
                inFlight -= ended;
                for (int i = 0; i < ended; i++) {
                    Request request = requests.get(aio.request(i));
                    reads.end(request, aio.result(i));
                    inFlight += queue(reads, request, aio, file);
                }
                submit(reads, aio);
            }
        }
    }

    private static int queue(Reads reads, Request request, KernelAio aio, OpenFile file) {
        boolean begun = reads.begin(request);
        if (begun) {
            aio.queue(request, file.number());
        }
        return begun ? 1 : 0;
    }

    private static void submit(Reads reads, KernelAio aio) throws ReactorException {
        long before = System.nanoTime();
        aio.submit();
        reads.held(System.nanoTime() - before);
    }
}
