package dev.chime.program;

import dev.chime.reactor.ActiveResource;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.Reactors;
import dev.chime.reactor.testing.Stacks;
import java.util.concurrent.CountDownLatch;

/** Prints where errors and resources say they come from: the first two methods of each stack. */
public final class TracedProgram {
    /** All lines but that of the call that only the end of the loop ends. */
    private static final int EXPECTED_BEFORE_THE_END = 9;

    private static final Stacks STACKS = new Stacks();

    private TracedProgram() {}

    /** Takes the engine. */
    public static void main(String[] arguments) {
        Reactors.run(
                EngineKind.valueOf(arguments[0]),
                reactor -> {
                    startsTimers(reactor);
                    asksForWork(reactor);
                });
        STACKS.print();
    }

    private static void startsTimers(Reactor reactor) {
        reactor.setTimeout(1, () -> {});
        reactor.setInterval(1, () -> stopWhenDone(reactor));
        reactor.setImmediate(() -> {});
        reactor.onCheck(() -> {}).unref();
        for (ActiveResource resource : reactor.activeResources()) {
            STACKS.note("resource " + resource.kind(), resource.creation());
        }
    }

    private static void stopWhenDone(Reactor reactor) {
        if (STACKS.size() == EXPECTED_BEFORE_THE_END) {
            reactor.stop();
        }
    }

    private static void asksForWork(Reactor reactor) {
        CountDownLatch never = new CountDownLatch(1);
        reactor.blocking(
                () -> {
                    never.await();
                    return "";
                },
                (err, value) -> STACKS.note("abandoned", err));
        STACKS.note("resource Blocking", reactor.activeResources().getLast().creation());
        reactor.blocking(
                TracedProgram::breaks,
                (err, value) -> {
                    STACKS.note("thrown", err);
                    STACKS.note("cause of thrown", err.getCause());
                });
        reactor.blocking(
                TracedProgram::fails,
                (err, value) -> {
                    STACKS.note("user's own", err);
                    STACKS.note(
                            "beside it",
                            err.getSuppressed().length == 0 ? null : err.getSuppressed()[0]);
                });
        reactor.blocking(
                () -> "",
                (err, value) -> {
                    Operation other = reactor.blocking(() -> "", (none, nothing) -> {});
                    other.cancel();
                    makesAnError();
                });
    }

    private static String breaks() {
        throw new IllegalStateException("broken");
    }

    private static String fails() throws ReactorException {
        throw new ReactorException("ERR_USER", "the user's own");
    }

    private static void makesAnError() {
        STACKS.note("made in a callback", new ReactorException("ERR_USER", "the user's own"));
    }
}
