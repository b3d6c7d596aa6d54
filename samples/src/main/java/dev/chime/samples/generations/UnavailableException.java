package dev.chime.samples.generations;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The system does not have, or does not permit, what is to be measured; the message says why. */
final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1;

    UnavailableException(@Nullable String reason) {
        super(reason);
    }

    /** Why there is none. */
    String reason() {
        return Objects.requireNonNullElse(getMessage(), "for an unknown reason");
    }
}
