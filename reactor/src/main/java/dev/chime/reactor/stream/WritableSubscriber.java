package dev.chime.reactor.stream;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** A writable that asks a publisher for one piece after the other. */
final class WritableSubscriber implements Flow.Subscriber<ByteBuffer> {
    private final Writable destination;
    private Flow.@Nullable Subscription subscription;
    private boolean over;

    WritableSubscriber(Writable destination) {
        this.destination = destination;
        destination.onDrain(this::ask);
        destination.onClose(err -> closed());
        Core core = Core.of(destination.reactor());
        core.ref(); // a publisher may think long before it has more
        Finish.of(destination, false, true, err -> core.unref());
    }

    private void ask() {
        Flow.Subscription from = subscription;
        if (from != null && !over) {
            from.request(1);
        }
    }

    private void closed() {
        Flow.Subscription from = subscription;
        if (from != null && !over) {
            over = true;
            from.cancel();
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription from) {
        Objects.requireNonNull(from, "subscription");
        if (!post(() -> subscribed(from))) {
            from.cancel();
        }
    }

    private void subscribed(Flow.Subscription from) {
        if (subscription != null || destination.isDestroyed()) {
            from.cancel();
            return;
        }
        subscription = from;
        ask();
    }

    @Override
    public void onNext(ByteBuffer item) {
        Objects.requireNonNull(item, "item");
        post(() -> {
            if (!over && !destination.isEnding() && destination.write(item)) {
                ask();
            }
        });
    }

    @Override
    public void onError(Throwable error) {
        Objects.requireNonNull(error, "error");
        post(() -> {
            over = true;
            destination.destroy(
                    error instanceof ReactorException known
                            ? known
                            : new ReactorException(
                                    "ERR_STREAM_PUBLISHER", "The publisher failed", error));
        });
    }

    @Override
    public void onComplete() {
        post(() -> {
            over = true;
            destination.end();
        });
    }

    private boolean post(Runnable task) {
        try {
            destination.reactor().execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false; // the reactor has ended, and the stream with it
        }
    }
}
