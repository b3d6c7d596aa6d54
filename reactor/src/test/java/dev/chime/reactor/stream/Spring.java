package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.util.SplittableRandom;

/**
 * A readable with known content, in pieces of any size, at once or late, that may fail on its way.
 */
final class Spring extends ReadableBase {
    final byte[] content;
    final SplittableRandom random;
    final int most;
    int at;
    int pulls;
    int failAt = Integer.MAX_VALUE;
    int closes;
    boolean endless;

    Spring(Reactor reactor, byte[] content, long seed, int most) {
        super(reactor, 64 << 10);
        this.content = content;
        random = new SplittableRandom(seed);
        this.most = most;
    }

    Spring(Reactor reactor, byte[] content) {
        this(reactor, content, 1, 10_000);
    }

    @Override
    protected void pull(int bytes) {
        pulls++;
        switch (random.nextInt(3)) {
            case 0 -> some(false);
            case 1 -> reactor().setImmediate(() -> some(true));
            default -> {
                some(false);
                some(false);
            }
        }
    }

    private void some(boolean late) {
        if (isDestroyed()) {
            return;
        }
        if (at >= failAt) {
            destroy(new ReactorException("ERR_SPRING", "dried up"));
        } else if (at == content.length && !endless) {
            pushEnd();
        } else if (at < content.length) {
            int length = Math.min(1 + random.nextInt(most), content.length - at);
            length = Math.min(length, failAt - at);
            int from = at;
            at += length;
            Buffer data = Bytes.buffer(reactor(), content, from, length);
            if (late) {
                deliver(data);
            } else {
                push(data);
            }
        }
    }

    @Override
    protected void close(Done closed) throws Exception {
        closes++;
        closed.call(null);
    }
}
