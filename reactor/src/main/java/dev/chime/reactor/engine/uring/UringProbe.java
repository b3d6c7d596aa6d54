package dev.chime.reactor.engine.uring;

import dev.chime.reactor.engine.EngineRefused;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.libc.CqeLayout;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.uring.Ring;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Set;

/** Asks a fresh ring what it can do: by doing it, never by the kernel's version. */
final class UringProbe {
    private static final long PATIENCE_NANOS = 5_000_000_000L;
    private static final long USER_DATA = 0x7e57_0000_0001L;

    private UringProbe() {}

    /** Sends a NOP round the ring under the live seccomp filter. */
    static void roundTrip(Ring ring) throws EngineRefused {
        Sqes.nop(ring.nextSqe(), USER_DATA);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            int entered = ring.submitAndWait(Math.max(0, deadline - System.nanoTime()));
            long cqe = ring.peekCqe();
            if (cqe != 0) {
                boolean ours = Memory.getLong(cqe + CqeLayout.USER_DATA) == USER_DATA;
                int result = Memory.getInt(cqe + CqeLayout.RES);
                ring.seen();
                if (!ours || result != 0) {
                    throw new EngineRefused("a NOP through io_uring", -result);
                }
                return;
            }
            if (entered < 0 && entered != -ErrnoCode.EINTR) {
                throw new EngineRefused("io_uring_enter", -entered);
            }
        }
    }

    /** The operations whose opcode is among those that this kernel has. */
    static Set<Op> operations(BitSet opcodes) {
        Set<Op> found = EnumSet.noneOf(Op.class);
        for (Op op : Op.values()) {
            if (op.hasOpcode() && opcodes.get(op.opcode())) {
                found.add(op);
            }
        }
        return found;
    }
}
