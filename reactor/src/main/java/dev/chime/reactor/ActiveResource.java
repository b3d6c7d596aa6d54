package dev.chime.reactor;

import org.jspecify.annotations.Nullable;

/**
 * Something that keeps the loop alive.
 *
 * @param kind what it is: {@code Timeout}, {@code Interval}, {@code Immediate}, {@code Hook},
 *     {@code Server}, {@code Socket}, {@code Blocking}, {@code Lookup}, {@code Post}, {@code
 *     CloseCallback}, or the system call of an operation, such as {@code read}
 * @param description more about it, for people
 * @param creation where it was made, in trace mode
 */
public record ActiveResource(String kind, String description, @Nullable Throwable creation) {
    @Override
    public String toString() {
        return kind + ": " + description;
    }
}
