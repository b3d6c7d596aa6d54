package dev.chime.reactor.stream;

import dev.chime.reactor.ReactorException;
import org.jspecify.annotations.Nullable;

/** Checks of arguments, and the errors that streams have of their own. */
final class Checks {
    private Checks() {}

    static void notNull(@Nullable Object argument, String name) {
        if (argument == null) {
            throw new IllegalArgumentException(name + " is null");
        }
    }

    static void positive(long value, String name) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " is not positive: " + value);
        }
    }

    static ReactorException writeAfterEnd() {
        return new ReactorException("ERR_STREAM_WRITE_AFTER_END", "write after end");
    }

    static ReactorException destroyed(String call) {
        return new ReactorException(
                "ERR_STREAM_DESTROYED", "Cannot call " + call + " after a stream was destroyed");
    }

    static ReactorException prematureClose() {
        return new ReactorException("ERR_STREAM_PREMATURE_CLOSE", "Premature close");
    }
}
