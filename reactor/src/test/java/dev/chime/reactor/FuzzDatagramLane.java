package dev.chime.reactor;

import dev.chime.reactor.FuzzProgram.Step;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.RecvmsgOutLayout;
import dev.chime.reactor.libc.SockaddrInLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32;

/**
 * A lane with a few UDP sockets that send to each other, with and without peers: who gets what, in
 * which order, and who is refused.
 */
final class FuzzDatagramLane extends FuzzLane {
    private static final int SOCKETS = 3;
    private static final int HEAD = RecvmsgOutLayout.SIZE + SockaddrInLayout.SIZE;
    private static final int LONGEST = 65_507;
    private static final int MOST_IN_BURST = 16;

    /** One socket, and what it received. */
    private final class Side {
        final int number;
        final Fd fd;
        final int port;
        final CRC32 crc = new CRC32();
        int received;
        int errors;
        Side peer;
        Operation receiving;
        boolean cancelled;
        Runnable onNews = () -> {};

        Side(int number, Fd fd, int port) {
            this.number = number;
            this.fd = fd;
            this.port = port;
            receive();
        }

        private void receive() {
            receiving = ops.recvmsg(fd, this::received);
        }

        private void received(Slot slot, int result, boolean more) {
            if (result >= 0) {
                long at = slot.chunk.address() + slot.chunkOffset;
                int bytes = result - HEAD;
                byte[] content = new byte[bytes];
                Memory.copy(at + HEAD, content, 0, bytes);
                int from = Memory.getPort(at + RecvmsgOutLayout.SIZE + SockaddrInLayout.SIN_PORT);
                slot.chunk.release();
                slot.chunk = null;
                received++;
                crc.update(senderOf(from));
                crc.update(content);
            }
            if (!more) {
                receiving = null;
                boolean stopped = result == -Errno.ECANCELED.number();
                if (!stopped) {
                    errors++;
                    note(number + " heard " + text(result));
                }
                if (fd.isOpen() && (!stopped || cancelled)) {
                    cancelled = false;
                    receive();
                }
            }
            onNews.run();
        }

        boolean hears(Side sender) {
            return peer == null || peer == sender;
        }

        void await(BooleanSupplier until, Runnable then) {
            onNews =
                    () -> {
                        if (until.getAsBoolean()) {
                            onNews = () -> {};
                            then.run();
                        }
                    };
            onNews.run();
        }

        String sum() {
            return number + " has " + received + ", " + Long.toHexString(crc.getValue());
        }
    }

    private final Side[] sides = new Side[SOCKETS];
    private final Set<Integer> used = new HashSet<>();

    FuzzDatagramLane(Ops ops, List<Step> steps) {
        super(ops, steps);
    }

    private int senderOf(int port) {
        for (Side side : sides) {
            if (side != null && side.port == port) {
                return side.number;
            }
        }
        return SOCKETS;
    }

    @Override
    void perform(Step step) {
        int from = step.b() % SOCKETS;
        int to = step.b() / SOCKETS % SOCKETS;
        if (sides[from] == null) {
            create(from, () -> perform(step));
        } else if (sides[to] == null) {
            create(to, () -> perform(step));
        } else {
            perform(step, sides[from], sides[to]);
        }
    }

    private void perform(Step step, Side from, Side to) {
        int length = step.a() % 8 == 0 ? step.a() / 8 % (LONGEST + 1) : step.a() / 8 % 1000;
        switch (step.kind()) {
            case SEND_TO -> send(from, to, true, filled(length, step.a()), length);
            case SEND_LONG -> send(from, to, true, filled(LONGEST + 1, 0), LONGEST + 1);
            case SEND_TO_PEER -> send(from, from.peer, false, filled(length, step.a()), length);
            case SEND_MANY -> sendMany(step, from, to);
            case CONNECT ->
                    ops.connect(
                            from.fd,
                            to.port,
                            once(result -> {
                                from.peer = to;
                                tell(from.number + " to " + to.number + " " + text(result));
                            }));
            case DISCONNECT -> disconnect(from);
            case CANCEL_MESSAGES -> cancel(from);
            case CLOSE_SOCKET -> {
                sides[from.number] = null;
                ops.close(from.fd, once(result -> tell(text(result) + ", " + from.sum())));
            }
            default -> throw new AssertionError(step);
        }
    }

    private void create(int number, Runnable then) {
        ops.socket(
                Const.AF_INET,
                Const.SOCK_DGRAM,
                once(opened -> {
                    Fd fd = ops.core.adopt(opened, Fd.Kind.SOCKET);
                    ops.bind(
                            fd,
                            0,
                            once(bound -> {
                                int port = ops.port(fd);
                                if (bound != 0) {
                                    note("bind failed: " + text(bound));
                                }
                                if (used.add(port)) {
                                    sides[number] = new Side(number, fd, port);
                                    then.run();
                                } else {
                                    // Who had a closed one for a peer must not find it again.
                                    ops.close(fd, once(closed -> create(number, then)));
                                }
                            }));
                }));
    }

    private void send(Side from, Side to, boolean named, Chunk data, int length) {
        int wanted = to == null ? 0 : to.received + 1;
        int errors = from.errors;
        ops.sendmsg(
                from.fd,
                named && to != null ? to.port : 0,
                data.address(),
                length,
                once(result -> {
                    data.release();
                    if (result < 0 || to == null) {
                        tell(text(result));
                        return;
                    }
                    note("sent " + text(result));
                    if (sides[to.number] == to && to.hears(from)) {
                        to.await(() -> to.received >= wanted, () -> tell(to.sum()));
                    } else if (from.peer == to) {
                        from.await(() -> from.errors > errors, () -> tell("refused"));
                    } else {
                        ops.core.reactor().setTimeout(1, () -> tell(to.sum()));
                    }
                }));
    }

    /** One behind the other, linked or not: they arrive in this order. */
    private void sendMany(Step step, Side from, Side to) {
        if (!to.hears(from)) {
            tell("nobody hears");
            return;
        }
        int count = 2 + step.a() % (MOST_IN_BURST - 1);
        boolean linked = (step.a() & 1 << 10) != 0;
        int wanted = to.received + count;
        int[] left = {count};
        Slot[] slots = new Slot[count];
        for (int i = 0; i < count; i++) {
            int length = (step.a() + i * 37) % 400;
            Chunk data = filled(length, step.a() + i);
            slots[i] =
                    ops.messageSlot(
                            from.fd,
                            to.port,
                            data.address(),
                            length,
                            once(result -> {
                                data.release();
                                if (result != length) {
                                    note("sent " + text(result) + ", not " + length);
                                }
                                if (--left[0] == 0) {
                                    to.await(() -> to.received >= wanted, () -> tell(to.sum()));
                                }
                            }));
        }
        for (int i = 0; i + 1 < count && linked; i++) {
            slots[i].linked = slots[i + 1];
        }
        for (int i = 0; i < (linked ? 1 : count); i++) {
            ops.core.submit(slots[i]);
        }
    }

    /** The kernel takes back a port of its own choice: then the socket is bound to it again. */
    private void disconnect(Side side) {
        ops.call(
                Op.CONNECT,
                slot -> {
                    slot.owner = side.fd;
                    slot.address = slot.scratch;
                    slot.offset = SockaddrInLayout.SIZE;
                    Memory.fill(slot.scratch, SockaddrInLayout.SIZE, (byte) 0);
                },
                once(result -> {
                    side.peer = null;
                    boolean kept = ops.port(side.fd) == side.port;
                    note("disconnected " + text(result) + ", kept " + kept);
                    if (kept) {
                        next();
                    } else {
                        ops.bind(side.fd, side.port, once(bound -> tell(text(bound))));
                    }
                }));
    }

    private void cancel(Side side) {
        if (side.receiving == null) {
            tell("no receive");
            return;
        }
        side.onNews =
                () -> {
                    side.onNews = () -> {};
                    tell("receiving again: " + (side.receiving != null));
                };
        side.cancelled = true;
        side.receiving.cancel();
    }

    @Override
    void end() {
        end(0);
    }

    private void end(int number) {
        if (number == SOCKETS) {
            ended();
            return;
        }
        Side side = sides[number];
        if (side == null) {
            end(number + 1);
            return;
        }
        sides[number] = null;
        ops.close(
                side.fd,
                once(result -> {
                    note("closed " + text(result) + ", " + side.sum());
                    end(number + 1);
                }));
    }
}
