package dev.chime.samples.generations;

import dev.chime.fs.Advice;
import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.fs.OpenFlag;
import dev.chime.fs.ReadCallback;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineUnavailableException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorOptions;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * io_uring, by Chime's file handles: asynchronous in the kernel, through the page cache as well.
 * Where there is no ring it is Chime's pool of threads, and the row says so.
 */
final class RingReads implements Generation {
    private final boolean direct;
    private final ReactorOptions options;

    RingReads(boolean direct, ReactorOptions options) {
        this.direct = direct;
        this.options = options;
    }

    @Override
    public String name() {
        return direct ? "io_uring (Chime), O_DIRECT" : "io_uring (Chime)";
    }

    @Override
    public boolean direct() {
        return direct;
    }

    @Override
    public void perform(Reads reads) throws UnavailableException, ReactorException {
        Run run = new Run(reads);
        try {
            Reactor.run(options, run::open);
        } catch (EngineUnavailableException e) {
            throw new UnavailableException(e.getMessage());
        }
        if (run.failure != null) {
            throw run.failure;
        }
    }

    /** One reactor's life: opens the file, reads, and closes it. */
    private final class Run {
        private final Reads reads;
        private @Nullable ReactorException failure;
        private int inFlight;

        Run(Reads reads) {
            this.reads = reads;
        }

        void open(Reactor reactor) {
            if (!reactor.engine().equals("uring")) {
                reads.remark("engine " + reactor.engine() + ": worker threads");
            }
            EnumSet<OpenFlag> flags = EnumSet.of(OpenFlag.READ);
            if (direct) {
                flags.add(OpenFlag.DIRECT);
            }
            Fs.of(reactor).open(reads.path(), flags, 0, (err, file) -> opened(reactor, err, file));
        }

        private void opened(Reactor reactor, @Nullable ReactorException err, FileHandle file) {
            if (err != null) {
                failure = err;
            } else if (reads.random()) {
                file.advise(Advice.RANDOM, 0, 0, advised -> start(reactor, file));
            } else {
                start(reactor, file);
            }
        }

        private void start(Reactor reactor, FileHandle file) {
            EnterClock clock = new EnterClock(reactor, reads);
            inFlight = reads.depth();
            for (int i = 0; i < reads.depth(); i++) {
                new Reader(file, clock, i, reactor.buffer(Content.BLOCK_BYTES)).next();
            }
        }

        /** One of the reads in flight, again and again. */
        private final class Reader implements ReadCallback {
            private final FileHandle file;
            private final EnterClock clock;
            private final Buffer buffer;
            private final Request request;

            Reader(FileHandle file, EnterClock clock, int index, Buffer buffer) {
                this.file = file;
                this.clock = clock;
                this.buffer = buffer;
                request = new Request(index, buffer.asByteBuffer());
            }

            void next() {
                if (failure == null && reads.begin(request)) {
                    file.read(buffer, request.position(), this);
                    clock.submitted();
                    reads.held(System.nanoTime() - request.startedNanos);
                    return;
                }
                buffer.release();
                if (--inFlight == 0) {
                    file.close(closed -> {});
                }
            }

            @Override
            public void call(@Nullable ReactorException err, int bytes, Buffer same) {
                clock.afterEnter();
                try {
                    if (err != null) {
                        throw err;
                    }
                    reads.end(request, bytes);
                } catch (ReactorException e) {
                    failure = e;
                }
                next();
            }
        }
    }
}
