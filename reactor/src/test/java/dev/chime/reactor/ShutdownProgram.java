package dev.chime.reactor;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Const;
import java.time.Duration;

/** A program with a thousand operations in flight that is ended in one way or another. */
final class ShutdownProgram {
    private static final int EACH = 500;
    private static final int BYTES = 16;

    private ShutdownProgram() {}

    /** Takes the engine, how to end, and a FIFO that nobody writes to. */
    public static void main(String[] arguments) {
        ReactorOptions options =
                ReactorOptions.defaults()
                        .engine(EngineKind.valueOf(arguments[0]))
                        .shutdownDeadline(Duration.ofMillis(300));
        Reactor[] ended = new Reactor[1];
        Reactor.run(
                options,
                reactor -> {
                    ended[0] = reactor;
                    Ops ops = new Ops(reactor);
                    ops.openat(
                            arguments[2],
                            Const.O_RDWR,
                            0,
                            fd -> {
                                inFlight(reactor, ops, fd);
                                // Some turns later everything is with the kernel.
                                reactor.setTimeout(100, () -> end(reactor, arguments[1]));
                            });
                });
        IO.println("ended " + ended[0].shutdownReport());
    }

    private static void inFlight(Reactor reactor, Ops ops, int fifo) {
        Fd file = ops.core.adopt(fifo, Fd.Kind.FILE);
        Buffer buffer = reactor.buffer(BYTES);
        for (int i = 0; i < EACH; i++) {
            ops.read(file, ops.core.address(buffer), BYTES, -1, result -> {});
            Fd[] pair = ops.socketPair();
            ops.recv(pair[0], (slot, result, more) -> {});
        }
    }

    private static void end(Reactor reactor, String way) {
        IO.println("ready");
        switch (way) {
            case "callback" -> System.exit(7);
            case "thread" -> Thread.ofPlatform().start(() -> System.exit(7));
            case "stop" -> reactor.stop();
            case "signal" -> reactor.setTimeout(60_000, () -> {});
            default -> throw new IllegalArgumentException(way);
        }
    }
}
