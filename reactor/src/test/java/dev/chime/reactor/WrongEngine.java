package dev.chime.reactor;

import dev.chime.reactor.engine.Capabilities;
import dev.chime.reactor.engine.CompletionSink;
import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.OpSlots;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Libc;
import java.util.HashSet;
import java.util.Set;

/** An engine that is wrong on purpose, around one that is right: the fuzz has to find it. */
final class WrongEngine implements Engine {
    /** What is wrong, and how few steps show it. */
    enum Fault {
        /** The last byte of every third write of a run is lost, and said to be written. */
        LOST_BYTE(6),
        /** What was cancelled completes twice. */
        CANCEL_TWICE(3),
        /** A sync says that it failed. */
        WRONG_ERRNO(3);

        final int steps;

        Fault(int steps) {
            this.steps = steps;
        }
    }

    private final Engine right;
    private final Fault fault;
    private final Set<Slot> shortened;
    private int writes;

    private WrongEngine(Engine right, Fault fault, Set<Slot> shortened) {
        this.right = right;
        this.fault = fault;
        this.shortened = shortened;
    }

    /** Options for a reactor whose engine is wrong. */
    static ReactorOptions options(Machine machine, Fault fault) {
        return ReactorOptions.defaults()
                .on(
                        new Machine() {
                            @Override
                            Engine open(EngineChoice.Parts parts) {
                                Set<Slot> shortened = new HashSet<>();
                                CompletionSink sink =
                                        (slot, result, more) ->
                                                deliver(
                                                        parts, fault, shortened, slot, result,
                                                        more);
                                Engine right =
                                        machine.open(
                                                new EngineChoice.Parts(
                                                        parts.libc(),
                                                        parts.slots(),
                                                        parts.memory(),
                                                        sink));
                                return new WrongEngine(right, fault, shortened);
                            }

                            @Override
                            public long nanoTime() {
                                return machine.nanoTime();
                            }
                        });
    }

    private static void deliver(
            EngineChoice.Parts parts,
            Fault fault,
            Set<Slot> shortened,
            Slot slot,
            int result,
            boolean more) {
        boolean cancelled = result == -Errno.ECANCELED.number() && slot.op() == Op.READ;
        int told = result;
        if (shortened.remove(slot)) {
            slot.length++;
            told = result < 0 ? result : result + 1;
        } else if (fault == Fault.WRONG_ERRNO && slot.op() == Op.FSYNC) {
            told = -Errno.EIO.number();
        }
        long userData = OpSlots.userData(slot);
        parts.sink().deliver(slot, told, more);
        if (fault == Fault.CANCEL_TWICE && cancelled) {
            // As a ring's second entry would come: by number, the slot perhaps in use again.
            parts.sink().deliver(parts.slots().find(userData), told, more);
        }
    }

    @Override
    public void submit(Slot slot) {
        boolean loses = fault == Fault.LOST_BYTE && slot.op() == Op.WRITE && slot.length > 1;
        if (loses && ++writes % 3 == 0) {
            slot.length--;
            shortened.add(slot);
        }
        right.submit(slot);
    }

    @Override
    public void cancel(Slot slot) {
        right.cancel(slot);
    }

    @Override
    public void enter(long timeoutNanos) {
        right.enter(timeoutNanos);
    }

    @Override
    public String place(Slot slot) {
        return right.place(slot);
    }

    @Override
    public int drain(int budget) {
        return right.drain(budget);
    }

    @Override
    public void wakeup() {
        right.wakeup();
    }

    @Override
    public Capabilities capabilities() {
        return right.capabilities();
    }

    @Override
    public long enters() {
        return right.enters();
    }

    @Override
    public long call(Libc libc, int number, long a, long b, long c, long d, long e, long f) {
        return right.call(libc, number, a, b, c, d, e, f);
    }

    @Override
    public void outside(int more) {
        right.outside(more);
    }

    @Override
    public void close() {
        right.close();
    }
}
