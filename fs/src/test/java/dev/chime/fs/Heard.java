package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;

/** A callback of every kind that remembers what it heard, and how often. */
class Heard<T> implements Callback<T>, Done, ReadCallback, WriteCallback {
    int calls;
    ReactorException err;
    T value;
    int bytes = -1;
    Buffer buffer;

    @Override
    public void call(ReactorException error, T result) {
        calls++;
        err = error;
        value = result;
        heard();
    }

    @Override
    public void call(ReactorException error) {
        calls++;
        err = error;
        heard();
    }

    @Override
    public void call(ReactorException error, int count, Buffer target) {
        calls++;
        err = error;
        bytes = count;
        buffer = target;
        heard();
    }

    @Override
    public void call(ReactorException error, int count) {
        calls++;
        err = error;
        bytes = count;
        heard();
    }

    /** Called with each outcome. */
    void heard() {}

    /** The value of a call that succeeded. */
    T ok() {
        assertOnce();
        if (err != null) {
            throw new AssertionError("failed: " + err.getMessage(), err);
        }
        return value;
    }

    /** The error of a call that failed, of whatever kind. */
    ReactorException error() {
        assertOnce();
        assertNotNull(err, "an error was expected");
        return err;
    }

    /** The error of a call that the kernel refused. */
    ErrnoException errno() {
        return assertInstanceOf(ErrnoException.class, error());
    }

    void assertOnce() {
        assertEquals(1, calls, "calls of the callback");
    }
}
