package dev.chime.reactor;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.testing.Allocation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.util.List;

/** In steady state an operation allocates nothing on the loop's thread. */
class AllocationTest {
    @EngineTest
    void nop_allocatesNothing(EngineKind engine) throws Exception {
        Allocation.assertNone(List.of(), Program.class, "nop", engine);
    }

    @EngineTest
    void timerRefresh_allocatesNothing(EngineKind engine) throws Exception {
        Allocation.assertNone(List.of(), Program.class, "refresh", engine);
    }

    @EngineTest
    void readOfAFile_allocatesNothing(EngineKind engine) throws Exception {
        Allocation.assertNone(List.of(), Program.class, "read", engine);
    }

    @EngineTest
    void sendAndReceive_allocateNothing(EngineKind engine) throws Exception {
        Allocation.assertNone(List.of(), Program.class, "echo", engine);
    }

    @EngineTest
    void wakeUp_allocatesNothingOnTheWakersThread(EngineKind engine) throws Exception {
        Allocation.assertNone(List.of(), Program.class, "wake", engine);
    }

    /** Measures one kind of operation on one engine. */
    static final class Program {
        private Program() {}

        /** Takes what to measure, and the engine. */
        public static void main(String[] arguments) {
            Reactors.run(
                    EngineKind.valueOf(arguments[1]),
                    reactor -> {
                        switch (arguments[0]) {
                            case "nop" -> nop(reactor);
                            case "refresh" -> refresh(reactor);
                            case "read" -> read(reactor);
                            case "wake" -> wake(reactor);
                            default -> echo(reactor);
                        }
                    });
        }

        private static void nop(Reactor reactor) {
            Repeat repeat =
                    new Repeat(2_000_000, 1_000_000) {
                        private final Done done = err -> done();

                        @Override
                        void submit() {
                            reactor.nop(done);
                        }
                    };
            repeat.start(32);
        }

        private static void refresh(Reactor reactor) {
            Timer[] timer = new Timer[1];
            Repeat repeat =
                    new Repeat(300_000, 200_000) {
                        @Override
                        void submit() {
                            timer[0].refresh();
                        }
                    };
            timer[0] = reactor.setTimeout(0, repeat::done);
        }

        private static void read(Reactor reactor) {
            Ops ops = new Ops(reactor);
            Fd file = ops.open("/dev/zero", Const.O_RDONLY);
            Chunk memory = ops.core.allocate(4096);
            Repeat repeat =
                    new Repeat(300_000, 100_000) {
                        private final Completion completion = (slot, result, more) -> done();

                        @Override
                        void submit() {
                            Slot slot = ops.core.slot(Op.READ, completion);
                            slot.owner = file;
                            slot.address = memory.address();
                            slot.length = 64;
                            ops.core.submit(slot);
                        }
                    };
            repeat.start(16);
        }

        private static void wake(Reactor reactor) {
            Ops ops = new Ops(reactor);
            ops.core.ref();
            Runnable end = reactor::stop;
            Thread.ofPlatform()
                    .start(() -> {
                        wake(ops.loop().engine(), 200_000);
                        long before = Allocation.ofThisThread();
                        wake(ops.loop().engine(), 100_000);
                        double bytes = Allocation.ofThisThread() - before;
                        Allocation.print(bytes / 100_000);
                        reactor.execute(end);
                    });
        }

        private static void wake(Engine engine, int times) {
            for (int i = 0; i < times; i++) {
                engine.wakeup();
            }
        }

        private static void echo(Reactor reactor) {
            Ops ops = new Ops(reactor);
            Fd[] pair = ops.socketPair();
            Chunk memory = ops.core.allocate(4096);
            Repeat repeat =
                    new Repeat(300_000, 200_000) {
                        private final Completion completion = (slot, result, more) -> {};

                        @Override
                        void submit() {
                            Slot slot = ops.core.slot(Op.SEND, completion);
                            slot.owner = pair[0];
                            slot.address = memory.address();
                            slot.length = 64;
                            ops.core.submit(slot);
                        }
                    };
            ops.recv(
                    pair[1],
                    (slot, result, more) -> {
                        if (result > 0) {
                            slot.chunk.release();
                            if (repeat.done()) {
                                ops.close(pair[1], closed -> {});
                            }
                        }
                    });
            repeat.start(1);
        }
    }

    /** Submits one operation again and again: first to warm up, then to measure. */
    private abstract static class Repeat {
        private final int measured;
        private int left;
        private long before;

        Repeat(int warmUp, int measured) {
            this.measured = measured;
            left = warmUp + measured;
        }

        abstract void submit();

        final void start(int atOnce) {
            for (int i = 0; i < atOnce; i++) {
                submit();
            }
        }

        /** The end of one operation; true when it was the last. */
        final boolean done() {
            left--;
            if (left == measured) {
                before = Allocation.ofThisThread();
            } else if (left == 0) {
                double bytes = Allocation.ofThisThread() - before;
                Allocation.print(bytes / measured);
            }
            if (left > 0) {
                submit();
            }
            return left == 0;
        }
    }
}
