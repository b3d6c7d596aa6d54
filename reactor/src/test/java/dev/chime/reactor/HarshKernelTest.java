package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.testing.Availability;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A kernel that refuses every other enter of the ring: what is parked then keeps its order, and
 * nothing is lost. A tracer plays that kernel.
 */
class HarshKernelTest {
    private static final int NOPS = 300;
    private static final int RECEIVES = 40;

    /** Prints what came back, in order. */
    static final class Program {
        private Program() {}

        /** Takes nothing. */
        public static void main(String[] arguments) {
            StringBuilder nops = new StringBuilder();
            StringBuilder received = new StringBuilder();
            List<Integer> cancelled = new ArrayList<>();
            Reactors.run(
                    Reactors.options(EngineKind.URING).entries(1, 2),
                    reactor -> {
                        Ops ops = new Ops(reactor);
                        for (int i = 0; i < NOPS; i++) {
                            int id = i;
                            reactor.nop(err -> nops.append(id).append(' '));
                        }
                        sends(ops, received);
                        List<Operation> pending = new ArrayList<>();
                        for (int i = 0; i < RECEIVES; i++) {
                            Fd[] pair = ops.socketPair();
                            pending.add(
                                    ops.recv(
                                            pair[0],
                                            (slot, result, more) -> cancelled.add(result)));
                        }
                        // Behind all others in the queue: the kernel has them when it is done.
                        reactor.nop(err -> {
                            nops.append("last");
                            pending.forEach(Operation::cancel);
                        });
                    });
            System.out.println("nops " + nops);
            System.out.println("received " + received);
            System.out.println("cancelled " + cancelled);
        }

        private static void sends(Ops ops, StringBuilder received) {
            Fd[] pair = ops.socketPair();
            Chunk memory = ops.core.allocate(26);
            for (int i = 0; i < 26; i++) {
                Memory.putByte(memory.address() + i, (byte) ('a' + i));
                int left = 25 - i;
                ops.send(
                        pair[0],
                        memory.address() + i,
                        1,
                        sent -> {
                            if (left == 0) {
                                memory.release();
                                ops.close(pair[0], closed -> {});
                            }
                        });
            }
            ops.recv(
                    pair[1],
                    (slot, result, more) -> {
                        if (result > 0) {
                            received.append(Ops.take(slot, result));
                        }
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EBUSY", "EAGAIN", "EINTR"})
    void everyOtherEnterRefused_orderIsKept_andNothingIsLost(String errno) throws Exception {
        Assumptions.assumeTrue(Availability.refusal().isEmpty(), Availability::refusal);
        Assumptions.assumeTrue(ChildJvm.straceWorks(), "no strace that may trace here");
        List<String> lines =
                ChildJvm.run(
                        List.of(
                                "strace",
                                "-f",
                                "-qq",
                                "-o",
                                "/dev/null",
                                "-e",
                                "trace=io_uring_enter",
                                "-e",
                                "inject=io_uring_enter:error=" + errno + ":when=20+2"),
                        List.of("-XX:TieredStopAtLevel=1", "-Dchime.poison=true", "-ea"),
                        Program.class);
        StringBuilder nops = new StringBuilder("nops ");
        for (int i = 0; i < NOPS; i++) {
            nops.append(i).append(' ');
        }
        assertEquals(
                List.of(
                        nops + "last",
                        "received abcdefghijklmnopqrstuvwxyz",
                        "cancelled "
                                + java.util.Collections.nCopies(
                                        RECEIVES, -Errno.ECANCELED.number()),
                        "exit 0"),
                lines);
    }
}
