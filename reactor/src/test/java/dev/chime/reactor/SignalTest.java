package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Signals as callbacks of the loop. */
class SignalTest {
    private static final int WINCH = 28;
    private static final int URG = 23;

    /** A signal to this process, which ignores it unless somebody listens. */
    private static void raise(int signal) {
        try (Libc libc = new Libc()) {
            long pid = libc.syscall(Sys.GETPID, 0);
            assertEquals(0, libc.syscall(Sys.TGKILL, pid, libc.syscall(Sys.GETTID, 0), signal));
        }
    }

    @EngineTest
    void eachSignalIsACallback_onTheLoopThread(EngineKind engine) {
        Thread loop = Thread.currentThread();
        int count = 50;
        int[] heard = {0};
        Reactors.run(
                engine,
                reactor -> {
                    SignalListener listener =
                            reactor.onSignal(
                                    "WINCH",
                                    () -> {
                                        assertSame(loop, Thread.currentThread());
                                        if (++heard[0] < count) {
                                            raise(WINCH);
                                        } else {
                                            reactor.stop();
                                        }
                                    });
                    assertEquals("WINCH", listener.ref().signal());
                    raise(WINCH);
                });
        assertEquals(count, heard[0]);
    }

    @EngineTest
    void burst_isAtLeastOneCallback_atMostOneForEach(EngineKind engine) {
        int count = 100;
        int[] heard = {0};
        Reactors.run(
                engine,
                reactor -> {
                    SignalListener listener = reactor.onSignal("SIGURG", () -> heard[0]++).ref();
                    for (int i = 0; i < count; i++) {
                        raise(URG);
                    }
                    new Object() {
                        void untilHeard() {
                            reactor.setTimeout(
                                    20,
                                    () -> {
                                        if (heard[0] > 0) {
                                            listener.clear();
                                        } else {
                                            untilHeard();
                                        }
                                    });
                        }
                    }.untilHeard();
                });
        assertTrue(heard[0] >= 1 && heard[0] <= count, heard[0] + " callbacks");
    }

    @EngineTest
    void listenerAlone_doesNotKeepTheLoopAlive_untilReferenced(EngineKind engine) {
        int[] heard = {0};
        AtomicReference<SignalListener> first = new AtomicReference<>();
        Reactors.run(engine, reactor -> first.set(reactor.onSignal("WINCH", () -> heard[0]++)));
        assertFalse(first.get().isActive()); // it ended with the loop
        assertFalse(first.get().hasRef());
        raise(WINCH);
        Reactors.run(
                engine,
                reactor -> {
                    SignalListener[] own = new SignalListener[1];
                    own[0] =
                            reactor.onSignal(
                                    "WINCH",
                                    () -> {
                                        heard[0] += 10;
                                        own[0].unref().unref();
                                    });
                    assertTrue(own[0].ref().ref().hasRef());
                    raise(WINCH);
                });
        assertEquals(10, heard[0]);
    }

    @EngineTest
    void allListenersOfASignalHearOfIt_clearedOnesDoNot(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    SignalListener[] listeners = new SignalListener[3];
                    listeners[0] =
                            reactor.onSignal(
                                    "WINCH",
                                    () -> {
                                        heard.add("first");
                                        listeners[1].clear(); // its delivery is under way
                                        listeners[1].clear();
                                    });
                    listeners[1] = reactor.onSignal("WINCH", () -> heard.add("second"));
                    listeners[2] =
                            reactor.onSignal(
                                    "WINCH",
                                    () -> {
                                        heard.add("third");
                                        reactor.stop();
                                    });
                    listeners[2].ref();
                    raise(WINCH);
                });
        assertEquals(List.of("first", "third"), heard);
    }

    @EngineTest
    void handlerBefore_comesBackWithTheLastClear(EngineKind engine) throws Exception {
        Semaphore outside = new Semaphore(0);
        int[] heard = {0};
        Object before = JvmSignals.install("URG", JvmSignals.handler(outside::release));
        try {
            Reactors.run(
                    engine,
                    reactor -> {
                        SignalListener other = reactor.onSignal("URG", () -> {});
                        SignalListener[] own = new SignalListener[1];
                        own[0] =
                                reactor.onSignal(
                                                "URG",
                                                () -> {
                                                    heard[0]++;
                                                    own[0].clear();
                                                    other.clear();
                                                    raise(URG);
                                                })
                                        .ref();
                        raise(URG);
                    });
            assertTrue(outside.tryAcquire(30, TimeUnit.SECONDS));
            assertEquals(1, heard[0]);
        } finally {
            JvmSignals.install("URG", before);
        }
    }

    @EngineTest
    void signalsThatCannotBeHad_areRefusedWithAReason(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    for (String signal :
                            List.of("KILL", "STOP", "QUIT", "SEGV", "BUS", "FPE", "ILL", "NONE")) {
                        IllegalArgumentException refusal =
                                assertThrows(
                                        IllegalArgumentException.class,
                                        () -> reactor.onSignal(signal, () -> {}));
                        assertTrue(
                                refusal.getMessage().startsWith("SIG" + signal + " cannot be"),
                                refusal::getMessage);
                    }
                    assertThrows(
                            IllegalArgumentException.class, () -> reactor.onSignal(null, () -> {}));
                    assertThrows(
                            IllegalArgumentException.class, () -> reactor.onSignal("TERM", null));
                });
    }

    @EngineTest
    void usualSignals_canBeListenedTo_andGoBack(EngineKind engine) {
        List<String> usual = List.of("HUP", "INT", "TERM", "USR1", "USR2", "WINCH", "CHLD", "CONT");
        Reactors.run(
                engine,
                reactor -> {
                    for (String signal : usual) {
                        reactor.onSignal(signal, () -> {}).clear();
                        assertTrue(reactor.onSignal(signal, () -> {}).isActive());
                    }
                });
    }

    @EngineTest
    void aCallbackThatThrows_failsTheRun(EngineKind engine) {
        IllegalStateException thrown =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                Reactors.run(
                                        engine,
                                        reactor -> {
                                            reactor.onSignal(
                                                            "WINCH",
                                                            () -> {
                                                                throw new java.io.IOException("no");
                                                            })
                                                    .ref();
                                            raise(WINCH);
                                        }));
        assertEquals("no", thrown.getCause().getMessage());
    }

    @EngineTest
    void sigtermOfAChild_isHeard_andTheProcessEndsAsItWants(EngineKind engine) throws Exception {
        Process process = ChildJvm.start(List.of("-Xmx64m"), Program.class, engine.name());
        try (BufferedReader output = process.inputReader()) {
            assertEquals("ready", output.readLine());
            for (int i = 1; i <= 3; i++) {
                process.toHandle().destroy(); // SIGTERM; Process.destroy closes the streams, too
                assertEquals("term " + i, output.readLine());
            }
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertNull(output.readLine());
            assertEquals(3, process.exitValue());
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** Ends at the third SIGTERM, with a 3. */
    static final class Program {
        private Program() {}

        /** Takes the engine. */
        public static void main(String[] arguments) {
            int[] heard = {0};
            Reactor.run(
                    ReactorOptions.defaults().engine(EngineKind.valueOf(arguments[0])),
                    reactor -> {
                        reactor.onSignal(
                                        "TERM",
                                        () -> {
                                            IO.println("term " + ++heard[0]);
                                            if (heard[0] == 3) {
                                                reactor.stop();
                                            }
                                        })
                                .ref();
                        IO.println("ready");
                    });
            System.exit(heard[0]);
        }
    }

    @Test
    void handlersOfOurs_areEqualToThemselvesOnly() {
        Object one = JvmSignals.handler(() -> {});
        Object two = JvmSignals.handler(() -> {});
        assertEquals(one, one);
        assertFalse(one.equals(two));
        assertEquals(one.hashCode(), one.hashCode());
        assertTrue(one.toString().startsWith("handler "));
    }
}
