package dev.chime.reactor;

import dev.chime.reactor.FuzzProgram.Step;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import java.util.List;
import java.util.zip.CRC32;

/** A lane with a TCP connection to itself: what one side sends the other must receive. */
final class FuzzSocketLane extends FuzzLane {
    private static final int MAX_BYTES = 200_000;

    /** One end, and what it received. */
    private final class Side {
        final Fd fd;
        final CRC32 crc = new CRC32();
        long received;
        Operation receiving;
        boolean cancelled;
        boolean ended;
        boolean shut;
        Runnable onNews = () -> {};

        Side(Fd fd) {
            this.fd = fd;
            receive();
        }

        private void receive() {
            boolean[] over = {false};
            receiving =
                    ops.recv(
                            fd,
                            (slot, result, more) -> {
                                if (over[0]) {
                                    throw new AssertionError("a receive ended twice");
                                }
                                over[0] = !more;
                                received(slot, result, more);
                            });
        }

        private void received(Slot slot, int result, boolean more) {
            if (result > 0) {
                byte[] bytes = new byte[result];
                Memory.copy(slot.chunk.address() + slot.chunkOffset, bytes, 0, result);
                slot.chunk.release();
                crc.update(bytes);
                received += result;
            }
            if (!more) {
                receiving = null;
                ended |= result == 0;
                if (result == -Errno.ECANCELED.number() && cancelled && fd.isOpen()) {
                    cancelled = false;
                    receive();
                } else if (result != 0 && result != -Errno.ECANCELED.number()) {
                    note("receive failed: " + text(result));
                }
            }
            onNews.run();
        }

        void cancel() {
            cancelled = true;
            receiving.cancel();
        }

        String sum() {
            return received + " bytes " + Long.toHexString(crc.getValue());
        }
    }

    private Side one;
    private Side two;

    FuzzSocketLane(Ops ops, List<Step> steps) {
        super(ops, steps);
    }

    @Override
    void perform(Step step) {
        if (one == null) {
            connect(() -> perform(step));
            return;
        }
        boolean forth = (step.b() & 1) == 0;
        Side from = forth ? one : two;
        Side to = forth ? two : one;
        switch (step.kind()) {
            case SEND -> send(step, from, to, false);
            case GATHER -> gather(step, from, to);
            case CANCEL_IN_SEND -> send(step, from, to, true);
            case CANCEL_RECEIVE -> cancelReceive(to);
            case SHUTDOWN -> shutdown(from, to, () -> tell("shut"));
            case RECONNECT -> disconnect(() -> connect(() -> tell("reconnected")));
            case REFUSED -> refused();
            default -> throw new AssertionError(step);
        }
    }

    private void connect(Runnable then) {
        Fd listener = ops.listener();
        Fd client = ops.tcpSocket();
        Fd[] accepted = {null};
        int[] left = {2};
        Runnable done =
                () -> {
                    if (--left[0] == 0) {
                        one = new Side(client);
                        two = new Side(accepted[0]);
                        ops.close(listener, once(closed -> then.run()));
                    }
                };
        ops.accept(
                listener,
                (slot, number, more) -> {
                    if (number >= 0) {
                        accepted[0] = ops.core.adopt(number, Fd.Kind.SOCKET);
                        done.run();
                    } else if (number != -Errno.ECANCELED.number()) {
                        note("accept failed: " + text(number));
                    }
                });
        ops.connect(
                client,
                ops.port(listener),
                once(result -> {
                    if (result != 0) {
                        note("connect failed: " + text(result));
                    }
                    done.run();
                }));
    }

    private void send(Step step, Side from, Side to, boolean cancels) {
        int bytes = 1 + step.a() % MAX_BYTES;
        Chunk chunk = filled(bytes, step.b());
        long wanted = to.received + bytes;
        boolean[] sent = {false};
        int[] cancelsLeft = {cancels ? 3 : 0};
        Runnable look =
                () -> {
                    if (cancelsLeft[0] > 0 && to.receiving != null) {
                        cancelsLeft[0]--;
                        to.cancel();
                    }
                    if (sent[0] && to.received >= wanted) {
                        sent[0] = false;
                        to.onNews = () -> {};
                        tell(to.sum());
                    }
                };
        to.onNews = look;
        push(
                from,
                chunk,
                0,
                bytes,
                error -> {
                    chunk.release();
                    if (error != 0) {
                        to.onNews = () -> {};
                        tell(text(error));
                    } else {
                        sent[0] = true;
                        look.run();
                    }
                });
    }

    private void push(
            Side from, Chunk chunk, int done, int bytes, java.util.function.IntConsumer then) {
        ops.send(
                from.fd,
                chunk.address() + done,
                bytes - done,
                once(result -> {
                    if (result <= 0) {
                        then.accept(result);
                    } else if (done + result == bytes) {
                        then.accept(0);
                    } else {
                        push(from, chunk, done + result, bytes, then);
                    }
                }));
    }

    /** Three pieces in one send, small enough to go at once. */
    private void gather(Step step, Side from, Side to) {
        int bytes = 300 + step.a() % 3000;
        int head = bytes / 3;
        Chunk chunk = filled(bytes, step.b());
        Chunk message = ops.core.allocate(MsghdrLayout.SIZE + 3 * IovecLayout.SIZE);
        long vector = message.address() + MsghdrLayout.SIZE;
        Memory.fill(message.address(), MsghdrLayout.SIZE, (byte) 0);
        Memory.putLong(message.address() + MsghdrLayout.MSG_IOV, vector);
        Memory.putLong(message.address() + MsghdrLayout.MSG_IOVLEN, 3);
        for (int i = 0; i < 3; i++) {
            long piece = vector + (long) i * IovecLayout.SIZE;
            Memory.putLong(piece + IovecLayout.IOV_BASE, chunk.address() + (long) i * head);
            Memory.putLong(piece + IovecLayout.IOV_LEN, i < 2 ? head : bytes - 2 * head);
        }
        long wanted = to.received + bytes;
        ops.sendmsg(
                from.fd,
                message.address(),
                once(result -> {
                    chunk.release();
                    message.release();
                    if (result != bytes) {
                        tell(text(result));
                    } else {
                        await(to, () -> to.received >= wanted, () -> tell(to.sum()));
                    }
                }));
    }

    private static void await(Side side, java.util.function.BooleanSupplier until, Runnable then) {
        side.onNews =
                () -> {
                    if (until.getAsBoolean()) {
                        side.onNews = () -> {};
                        then.run();
                    }
                };
        side.onNews.run();
    }

    private void cancelReceive(Side side) {
        if (side.receiving == null) {
            tell("no receive");
            return;
        }
        side.onNews =
                () -> {
                    side.onNews = () -> {};
                    tell("receiving again: " + (side.receiving != null));
                };
        side.cancel();
    }

    private void shutdown(Side from, Side to, Runnable then) {
        if (from.shut) {
            ops.shutdown(from.fd, 1, once(result -> then.run())); // 0, or ENOTCONN when both are
            return;
        }
        from.shut = true;
        ops.shutdown(
                from.fd,
                1,
                once(result -> {
                    note("shutdown " + text(result));
                    await(to, () -> to.ended, then);
                }));
    }

    private void disconnect(Runnable then) {
        shutdown(
                one,
                two,
                () ->
                        shutdown(
                                two,
                                one,
                                () -> {
                                    note("in all " + one.sum() + ", " + two.sum());
                                    ops.close(
                                            one.fd,
                                            once(first -> {
                                                note("close " + text(first));
                                                ops.close(
                                                        two.fd,
                                                        once(second -> {
                                                            note("close " + text(second));
                                                            one = null;
                                                            two = null;
                                                            then.run();
                                                        }));
                                            }));
                                }));
    }

    private void refused() {
        Fd client = ops.tcpSocket();
        ops.connect(
                client,
                ops.deadPort(),
                once(result -> ops.close(client, once(closed -> tell(text(result))))));
    }

    @Override
    void end() {
        if (one == null) {
            ended();
        } else {
            disconnect(this::ended);
        }
    }
}
