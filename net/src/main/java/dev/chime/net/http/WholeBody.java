package dev.chime.net.http;

import dev.chime.reactor.stream.Writable;

/** Content that is there from the start: it goes out with its length, behind the head. */
final class WholeBody implements BodyWriter {
    final byte[] bytes;

    WholeBody(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public void write(Writable body) {
        body.end(bytes);
    }
}
