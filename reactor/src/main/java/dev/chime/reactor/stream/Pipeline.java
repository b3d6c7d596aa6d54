package dev.chime.reactor.stream;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chain of streams that lives and dies together. Loop thread only.
 *
 * <pre>{@code
 * Pipeline.from(fs.createReadStream(log))
 *         .through(Transform.gzip(reactor))
 *         .to(fs.createWriteStream(archive), err -> ...);
 * }</pre>
 *
 * <p>It owns the streams from the first moment: when one fails or closes early, or the operation is
 * cancelled, all that have not done their part are destroyed. The callback comes once, when every
 * stream is done, and closed if it has no other side than the pipeline's. It hears of the first
 * error: a stream's own, {@code ERR_STREAM_PREMATURE_CLOSE} when one closed without, ECANCELED or
 * ETIMEDOUT of the operation.
 *
 * <p>Done means: the source has been read to its end, the last stream is finished, those between
 * them both. So a socket at the end need not have closed: its peer may have more to say.
 */
public final class Pipeline {
    private final List<ByteStream> stages = new ArrayList<>();
    private boolean built;

    private Pipeline() {}

    /** Begins a pipeline with its source. */
    public static Pipeline from(Readable source) {
        Checks.notNull(source, "source");
        Pipeline pipeline = new Pipeline();
        pipeline.stages.add(source);
        return pipeline;
    }

    /** A pipeline of two streams. */
    public static Operation run(Readable source, Writable destination, Done done) {
        return from(source).to(destination, done);
    }

    /** Adds a stream that is written to and read from, such as a {@link Transform}. */
    public Pipeline through(Duplex stage) {
        add(stage, "stage");
        return this;
    }

    /**
     * Adds the last stream, and starts.
     *
     * @throws IllegalArgumentException when an argument is null; the other streams are destroyed
     */
    public Operation to(Writable destination, Done done) {
        add(destination, "destination");
        if (done == null) {
            throw refusal(new IllegalArgumentException("done is null: pass a function"));
        }
        built = true;
        Run run = new Run(Core.of(destination.reactor()), stages, done);
        run.start();
        return run;
    }

    private void add(@Nullable ByteStream stage, String name) {
        if (stage == null) {
            throw refusal(new IllegalArgumentException(name + " is null"));
        }
        if (built) {
            throw new IllegalStateException("this pipeline has been started");
        }
        stages.add(stage);
    }

    /** Nobody else would close what has been given to a pipeline that is not to be. */
    private RuntimeException refusal(RuntimeException why) {
        stages.forEach(ByteStream::destroy);
        return why;
    }

    /** A pipeline under way. */
    private static final class Run extends Composed {
        private final List<ByteStream> stages;
        private final boolean[] completed;
        private final Done done;
        private int left;
        private @Nullable ReactorException failure;

        Run(Core core, List<ByteStream> stages, Done done) {
            super(core);
            this.stages = stages;
            this.done = done;
            completed = new boolean[stages.size()];
            left = completed.length;
        }

        void start() {
            core.checkThread("Pipeline.to");
            int last = stages.size() - 1;
            for (int i = 0; i <= last; i++) {
                int number = i;
                Finish.of(stages.get(i), i < last, i > 0, err -> completed(number, err));
            }
            for (int i = 0; i < last; i++) {
                Writable to = (Writable) stages.get(i + 1);
                if (to.isEnding()) {
                    fail(Checks.writeAfterEnd());
                }
                new Pipe((Readable) stages.get(i), to, true).start();
            }
        }

        private void completed(int number, @Nullable ReactorException err) {
            completed[number] = true;
            left--;
            if (err != null) {
                fail(err);
            }
            if (left == 0) {
                ended();
                core.call(done, failure);
            }
        }

        private void fail(ReactorException err) {
            if (failure == null) {
                failure = err;
                for (int i = 0; i < completed.length; i++) {
                    if (!completed[i]) {
                        stages.get(i).destroy(err);
                    }
                }
            }
        }

        @Override
        protected void interrupt() {
            fail(ErrnoException.file(stopErrno(), "pipeline", null));
        }

        @Override
        public String toString() {
            return "pipeline of " + stages;
        }
    }
}
