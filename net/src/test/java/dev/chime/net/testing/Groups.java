package dev.chime.net.testing;

import dev.chime.net.GroupServer;
import dev.chime.net.ListenOptions;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.GroupOptions;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorGroup;
import dev.chime.reactor.testing.Reactors;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Groups of loops, and calls on one of them of which the test's thread awaits the outcome. */
public final class Groups {
    private static final int PATIENCE_SECONDS = 60;

    /** What is done on a loop. */
    @FunctionalInterface
    public interface Ask<T> {
        /** Starts; {@code answer} is to be completed. */
        void start(CompletableFuture<T> answer) throws Exception;
    }

    private Groups() {}

    /** Starts loops that do nothing by themselves. */
    public static ReactorGroup start(EngineKind engine, int loops) {
        GroupOptions options = GroupOptions.of(loops).reactor(Reactors.options(engine));
        return ReactorGroup.start(options, (group, index) -> {});
    }

    /** Asks on a loop and waits for the answer; the error of the answer is thrown. */
    public static <T> T ask(ReactorGroup group, int loop, Ask<T> ask) throws Exception {
        CompletableFuture<T> answer = new CompletableFuture<>();
        boolean taken =
                group.post(
                        loop,
                        () -> {
                            try {
                                ask.start(answer);
                            } catch (Throwable t) {
                                answer.completeExceptionally(t);
                            }
                        });
        if (!taken) {
            throw new AssertionError("loop " + loop + " has ended");
        }
        try {
            return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Completes with a callback's outcome. */
    public static <T> void answer(CompletableFuture<T> answer, ReactorException err, T value) {
        if (err == null) {
            answer.complete(value);
        } else {
            answer.completeExceptionally(err);
        }
    }

    /** Listens on a free port of 127.0.0.1, asked for on a loop; the port. */
    public static int listen(ReactorGroup group, int loop, GroupServer server) throws Exception {
        return Groups.<Integer>ask(
                group,
                loop,
                answer ->
                        server.listen(
                                ListenOptions.port(0).host(Peers.LOCAL),
                                (err, s) ->
                                        answer(
                                                answer,
                                                err,
                                                err != null ? null : s.address().getPort())));
    }

    /** Closes, asked for on a loop. */
    public static void close(ReactorGroup group, int loop, GroupServer server) throws Exception {
        Groups.<Void>ask(group, loop, answer -> server.close(err -> answer(answer, err, null)));
    }
}
