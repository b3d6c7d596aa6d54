package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Plan;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/**
 * The content of a stream as lines, which end with {@code \n} or {@code \r\n}; the last one need
 * not. Characters whose bytes come in different pieces stay whole; bytes that the charset does not
 * know become its replacement. A line has no greatest length. Loop thread only.
 */
public final class Lines {
    private final Readable stream;
    private final Core core;
    private final Decoding decoding;
    private final StringBuilder text = new StringBuilder();
    private final Plan plan;
    private int searched;
    private boolean paused;
    private boolean over;
    private @Nullable LineHandler handler;
    private @Nullable Reading reading;
    private @Nullable ReactorException failure;

    Lines(Readable stream, Charset charset) {
        Checks.notNull(charset, "charset");
        this.stream = stream;
        core = Core.of(stream.reactor());
        decoding = new Decoding(charset);
        plan = new Plan(core, this::hand);
    }

    /**
     * Calls {@code each} with every line, then {@code done} once: when all have been handed out, or
     * with the error that came instead. A cancel destroys the stream.
     *
     * @throws IllegalStateException the second time
     */
    public Operation forEach(LineHandler each, Done done) {
        core.checkThread("Lines.forEach");
        Checks.notNull(each, "each");
        Checks.notNull(done, "done");
        if (handler != null) {
            throw new IllegalStateException("these lines are being read");
        }
        handler = each;
        Reading operation = new Reading(core, done);
        reading = operation;
        Finish.of(stream, true, false, this::ended);
        if (!stream.isEnded()) {
            stream.onData(this::data);
        }
        return operation;
    }

    /** Hands out no line until {@link #resume}, not even of what has been read. */
    public Lines pause() {
        core.checkThread("Lines.pause");
        paused = true;
        stream.pause();
        return this;
    }

    /** Goes on. */
    public Lines resume() {
        core.checkThread("Lines.resume");
        paused = false;
        plan.make();
        return this;
    }

    private void data(Buffer data) {
        decoding.append(data, text);
        hand();
        if (paused) {
            stream.pause();
        }
    }

    private void hand() {
        int from = 0;
        while (!paused && reading != null) {
            int newline = text.indexOf("\n", Math.max(from, searched));
            if (newline < 0) {
                searched = text.length();
                break;
            }
            boolean carriage = newline > from && text.charAt(newline - 1) == '\r';
            line(text.substring(from, carriage ? newline - 1 : newline));
            from = newline + 1;
            searched = from;
        }
        text.delete(0, from);
        searched -= from;
        if (!paused) {
            if (over) {
                finish();
            } else if (stream.isPaused()) {
                stream.resume();
            }
        }
    }

    private void line(String line) {
        LineHandler each = handler;
        if (each != null) {
            core.call(() -> each.line(line));
        }
    }

    private void ended(@Nullable ReactorException err) {
        over = true;
        failure = err;
        if (err == null) {
            decoding.finish(text);
        } else {
            text.setLength(0);
            paused = false;
        }
        searched = 0;
        hand();
    }

    private void finish() {
        Reading operation = reading;
        if (operation != null) {
            if (failure == null && !text.isEmpty()) {
                String rest = text.toString();
                text.setLength(0);
                line(rest);
                if (paused) {
                    return;
                }
            }
            reading = null;
            operation.finish(failure);
        }
    }

    /** The reading, as its user holds it. */
    private final class Reading extends Composed {
        private final Done done;

        Reading(Core core, Done done) {
            super(core);
            this.done = done;
        }

        @Override
        protected void interrupt() {
            ReactorException stop = ErrnoException.file(stopErrno(), "readLines", null);
            if (over) {
                failure = stop;
                paused = false;
                text.setLength(0);
                searched = 0;
                plan.make();
            } else {
                stream.destroy(stop);
            }
        }

        void finish(@Nullable ReactorException err) {
            ended();
            core.call(done, err);
        }
    }
}
