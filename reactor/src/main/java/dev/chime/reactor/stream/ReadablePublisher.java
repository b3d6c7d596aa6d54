package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A readable for one subscriber, which sets the pace by its requests. */
final class ReadablePublisher implements Flow.Publisher<ByteBuffer> {
    private final Readable source;
    private final AtomicBoolean taken = new AtomicBoolean();

    ReadablePublisher(Readable source) {
        this.source = source;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        if (taken.compareAndSet(false, true)) {
            new Subscription(subscriber).start();
            return;
        }
        subscriber.onSubscribe(
                new Flow.Subscription() {
                    @Override
                    public void request(long n) {}

                    @Override
                    public void cancel() {}
                });
        subscriber.onError(new IllegalStateException("the stream has a subscriber"));
    }

    /** The subscription; its state is the loop's. */
    private final class Subscription implements Flow.Subscription {
        private final Flow.Subscriber<? super ByteBuffer> subscriber;
        private long demand;
        private boolean over;

        Subscription(Flow.Subscriber<? super ByteBuffer> subscriber) {
            this.subscriber = subscriber;
        }

        void start() {
            if (!post(this::begin)) {
                subscriber.onSubscribe(this);
                subscriber.onError(new IllegalStateException("the reactor has ended"));
            }
        }

        private void begin() {
            Core core = Core.of(source.reactor());
            core.ref(); // a subscriber may think long before it asks for more
            Finish.of(
                    source,
                    true,
                    false,
                    err -> {
                        core.unref();
                        ended(err);
                    });
            subscriber.onSubscribe(this);
        }

        private boolean post(Runnable task) {
            try {
                source.reactor().execute(task);
                return true;
            } catch (RejectedExecutionException e) {
                return false; // the end of the reactor has told the subscriber
            }
        }

        @Override
        public void request(long count) {
            post(() -> want(count));
        }

        private void want(long count) {
            if (over) {
                return;
            }
            if (count <= 0) {
                over = true;
                source.destroy();
                subscriber.onError(
                        new IllegalArgumentException("a request is not positive: " + count));
                return;
            }
            boolean first = demand == 0;
            demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
            if (first && !source.isEnded()) {
                source.onData(this::data);
            }
        }

        private void data(Buffer data) {
            if (over) {
                return;
            }
            if (--demand == 0) {
                source.pause();
            }
            subscriber.onNext(ByteBuffer.wrap(data.toArray()));
        }

        private void ended(@Nullable ReactorException err) {
            if (over) {
                return;
            }
            over = true;
            if (err == null) {
                subscriber.onComplete();
            } else {
                subscriber.onError(err);
            }
        }

        @Override
        public void cancel() {
            post(() -> {
                over = true;
                source.destroy();
            });
        }
    }
}
