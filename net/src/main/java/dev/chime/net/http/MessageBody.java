package dev.chime.net.http;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.stream.ReadableBase;

/** The body of a received message: what its connection finds, no faster than it is read. */
final class MessageBody extends ReadableBase {
    static final int HIGH_WATER_MARK = 64 << 10;

    /** Where it comes from. */
    interface Source {
        /** There is room for about so many bytes. */
        void wanted(MessageBody body, int bytes);

        /** Nobody reads on. */
        void abandoned(MessageBody body);
    }

    private final Source source;

    MessageBody(Reactor reactor, Source source) {
        super(reactor, HIGH_WATER_MARK);
        this.source = source;
    }

    /** Hands over one use of a buffer. */
    void add(Buffer data) {
        push(data);
    }

    /** All has come. */
    void complete() {
        pushEnd();
    }

    @Override
    protected void pull(int bytes) {
        source.wanted(this, bytes);
    }

    @Override
    protected void close(Done closed) throws Exception {
        source.abandoned(this);
        closed.call(null);
    }
}
