package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.util.SplittableRandom;

/**
 * One socket of ours in the soak: does something at random for a while, then ends, and checks what
 * it hears. What arrives is always a prefix of what the other side wrote, and all of it when the
 * end comes and the other side did not break off.
 */
final class SoakSide {
    /** What the two sides of a connection know of each other; both threads write their own. */
    static final class Half {
        /** Bytes that were written before the end. */
        volatile long accepted;

        /** Whether this side breaks off instead of ending. */
        volatile boolean broken;

        /** By the one thread of this side. */
        void accept(int bytes) {
            long before = accepted;
            accepted = before + bytes;
        }
    }

    private static final int MAX_QUEUED = 4 << 20;

    private final Reactor reactor;
    private final Socket socket;
    private final SplittableRandom random;
    private final Half mine;
    private final Half theirs;
    private final Content out;
    private final Content in;
    private final int greetingSent;
    private final int greetingRead;
    private Runnable closed = () -> {};
    private int operationsLeft;
    private boolean paused;
    private boolean ended;
    private boolean endTold;
    private boolean destroyed;
    private boolean closeTold;
    private boolean gotFalse;
    private boolean inCallback;
    private int flushes;
    private int flushed;
    private boolean flushFailed;

    SoakSide(Reactor reactor, Socket socket, SoakLink link, boolean client) {
        this.reactor = reactor;
        this.socket = socket;
        long seed = client ? link.seed : ~link.seed;
        random = new SplittableRandom(seed);
        mine = client ? link.client : link.server;
        theirs = client ? link.server : link.client;
        out = new Content(seed);
        in = new Content(~seed);
        greetingSent = client ? SoakLink.GREETING_BYTES : 0;
        greetingRead = SoakLink.GREETING_BYTES - greetingSent;
        operationsLeft = 1 + random.nextInt(1 << random.nextInt(8));
    }

    void start(Runnable whenClosed) {
        closed = whenClosed;
        socket.onData(this::data).onEnd(this::end).onDrain(this::drain).onClose(this::close);
        later();
    }

    private void later() {
        if (closeTold) {
            return;
        }
        switch (random.nextInt(3)) {
            case 0 -> reactor.setImmediate(this::operate);
            case 1 -> reactor.nextTick(() -> reactor.setImmediate(this::operate));
            default -> reactor.setTimeout(1 + random.nextInt(5), this::operate);
        }
    }

    private void operate() {
        if (closeTold) {
            return;
        }
        if (operationsLeft-- > 0) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                operation();
            }
            later();
        } else if (!destroyed) {
            resume();
            finish();
        }
    }

    private void operation() {
        switch (random.nextInt(20)) {
            case 0, 1 -> {
                paused = true;
                socket.pause();
            }
            case 2, 3, 4 -> resume();
            case 5 -> flush();
            case 6 -> {
                if (random.nextInt(10) == 0) {
                    finish();
                }
            }
            case 7 -> {
                if (random.nextInt(20) == 0) {
                    destroy();
                }
            }
            default -> write();
        }
    }

    private void resume() {
        paused = false;
        socket.resume();
    }

    private void finish() {
        ended |= !destroyed;
        socket.end();
    }

    private void destroy() {
        mine.broken = true;
        destroyed = true;
        socket.destroy();
    }

    private void write() {
        boolean open = !ended && !endTold && !socket.isDestroyed();
        if (!open || socket.queuedBytes() > MAX_QUEUED) {
            return;
        }
        int bytes = random.nextInt(1 << random.nextInt(18));
        boolean below;
        mine.accept(bytes);
        if (random.nextBoolean()) {
            below = socket.write(out.take(bytes));
        } else {
            Buffer buffer = reactor.buffer(bytes);
            buffer.put(0, out.take(bytes), 0, bytes);
            below = socket.write(buffer);
            buffer.release();
        }
        gotFalse |= !below;
        assertEquals(below, socket.queuedBytes() < SocketOptions.HIGH_WATER_MARK);
    }

    private void flush() {
        int number = flushes++;
        long upToHere = out.position();
        socket.flush(err -> {
            enter();
            assertFalse(closeTold, "flush after close");
            assertEquals(number, flushed++);
            if (err == null) {
                assertFalse(flushFailed, "flushes fail from one on");
                assertTrue(socket.bytesWritten() >= upToHere);
            } else {
                assertTrue(socket.isDestroyed(), "a flush fails only at the end");
                flushFailed = true;
            }
            leave();
        });
    }

    private void enter() {
        assertFalse(inCallback, "callbacks do not nest");
        inCallback = true;
    }

    private void leave() {
        inCallback = false;
    }

    void data(Buffer data) {
        enter();
        assertFalse(paused, "data while paused");
        assertFalse(endTold || destroyed || closeTold, "data too late");
        in.check(data);
        if (operationsLeft > 0 && random.nextInt(4) == 0) {
            operation();
        }
        leave();
    }

    private void end() {
        enter();
        assertFalse(endTold || destroyed || closeTold, "end too late or twice");
        assertFalse(paused, "end while paused");
        assertTrue(theirs.broken || in.position() == theirs.accepted, "end before all data");
        if (random.nextBoolean()) {
            write(); // the last chance
        }
        endTold = true;
        leave();
    }

    private void drain() {
        enter();
        assertTrue(gotFalse, "drain without a false");
        assertEquals(0, socket.queuedBytes());
        assertFalse(destroyed || closeTold, "drain too late");
        gotFalse = false;
        if (random.nextBoolean()) {
            write();
        }
        leave();
    }

    private void close(ReactorException err) {
        enter();
        assertFalse(closeTold, "close twice");
        closeTold = true;
        assertEquals(flushes, flushed, "every flush calls back before close");
        if (err != null) {
            assertTrue(theirs.broken, "nobody broke off, but " + err.getMessage());
        } else if (!destroyed) {
            assertTrue(endTold, () -> "closed in peace before the end: " + this);
            assertEquals(mine.accepted, socket.bytesWritten() - greetingSent);
            assertEquals(in.position(), socket.bytesRead() - greetingRead);
        }
        leave();
        closed.run();
    }

    @Override
    public String toString() {
        return socket
                + " broken "
                + theirs.broken
                + " paused "
                + paused
                + " ended "
                + ended
                + " endTold "
                + endTold
                + " queued "
                + socket.queuedBytes();
    }
}
