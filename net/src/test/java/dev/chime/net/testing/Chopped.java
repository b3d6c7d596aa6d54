package dev.chime.net.testing;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.Duplex;
import dev.chime.reactor.stream.DuplexBase;
import java.util.Random;

/**
 * One end of two streams that are joined, in memory: what is written comes out at the other in
 * pieces of random sizes, of one byte at the least, and a test may cut it off or change it.
 */
public final class Chopped extends DuplexBase {
    /** Sees each byte that goes through. */
    public interface Tamper {
        /** What becomes of byte number {@code index}; -1: here the stream breaks off. */
        int pass(long index, byte value);
    }

    private final Random random;
    private final int largest;
    private final Tamper tamper;
    private Chopped other;
    private boolean wanted;
    private Buffer piece;
    private int done;
    private long passed;
    private boolean ended;
    private boolean cut;

    /** Two ends that change nothing. */
    public static Chopped[] pair(Reactor reactor, Random random, int largest) {
        return pair(reactor, random, largest, (index, value) -> value & 0xFF);
    }

    private Chopped(Reactor reactor, Random random, int largest, Tamper tamper) {
        super(reactor, 1, 64 << 10, Long.MAX_VALUE);
        this.random = random;
        this.largest = largest;
        this.tamper = tamper;
    }

    /** Two ends; {@code fromFirst} sees what the first one sends. */
    public static Chopped[] pair(Reactor reactor, Random random, int largest, Tamper fromFirst) {
        Chopped first = new Chopped(reactor, random, largest, fromFirst);
        Chopped second = new Chopped(reactor, random, largest, (index, value) -> value & 0xFF);
        first.other = second;
        second.other = first;
        return new Chopped[] {first, second};
    }

    @Override
    protected void pull(int bytes) {
        wanted = true;
        reactor().setImmediate(other::move);
    }

    @Override
    protected void take(Buffer data) {
        piece = data;
        done = 0;
        reactor().setImmediate(this::move);
    }

    @Override
    protected void finish() {
        ended = true;
        reactor().setImmediate(this::move);
    }

    private void move() {
        if (other.isDestroyed()) {
            destroy(gone());
        }
        if (isDestroyed() || !other.wanted || cut) {
            return;
        }
        if (piece == null) {
            if (ended) {
                ended = false;
                other.pushEnd();
                completed(null);
            }
            return;
        }
        int bytes = Math.min(1 + random.nextInt(largest), piece.length() - done);
        byte[] out = new byte[bytes];
        int count = 0;
        while (count < bytes && !cut) {
            int value = tamper.pass(passed, piece.get(done + count));
            if (value < 0) {
                cut = true;
            } else {
                out[count++] = (byte) value;
                passed++;
            }
        }
        if (count > 0) {
            other.wanted = false;
            Buffer buffer = reactor().buffer(count);
            buffer.put(0, out, 0, count);
            other.push(buffer);
        }
        if (cut) {
            other.pushEnd();
            return;
        }
        done += count;
        if (done == piece.length()) {
            piece = null;
            taken(null);
        }
    }

    @Override
    protected void close(Done closed) throws Exception {
        Duplex peer = other;
        if (!isFinished()) {
            reactor().setImmediate(() -> peer.destroy(gone()));
        }
        closed.call(null);
    }

    private static ReactorException gone() {
        return new ReactorException("ECONNRESET", "the other end is gone");
    }
}
