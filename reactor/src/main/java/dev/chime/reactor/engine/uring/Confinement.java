package dev.chime.reactor.engine.uring;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.libc.Opcode;
import dev.chime.reactor.libc.RegisterOp;
import dev.chime.reactor.libc.RingParamsLayout;
import dev.chime.reactor.uring.Restrictions;
import dev.chime.reactor.uring.Ring;
import dev.chime.reactor.uring.RingException;
import dev.chime.reactor.uring.RingResources;
import java.util.BitSet;

/**
 * Confines the engine's ring to what the engine needs: the vocabulary's opcodes, its own, and the
 * register calls of its life. Whoever else gets hold of the ring can make it do nothing more.
 */
final class Confinement {
    /** What the engine submits of its own accord, besides the rows of {@link Op}. */
    private static final int[] OWN_OPERATIONS = {
        Opcode.NOP,
        Opcode.READ,
        Opcode.READ_FIXED,
        Opcode.WRITE_FIXED,
        Opcode.POLL_ADD,
        Opcode.POLL_REMOVE,
        Opcode.TIMEOUT,
        Opcode.TIMEOUT_REMOVE,
        Opcode.LINK_TIMEOUT,
        Opcode.ASYNC_CANCEL,
        Opcode.FILES_UPDATE,
        Opcode.MSG_RING,
    };

    /** What is registered after the ring was enabled, or taken back at its end. */
    private static final int[] REGISTER_OPERATIONS = {
        RegisterOp.REGISTER_PROBE,
        RegisterOp.REGISTER_RING_FDS,
        RegisterOp.UNREGISTER_RING_FDS,
        RegisterOp.REGISTER_PBUF_RING,
        RegisterOp.UNREGISTER_PBUF_RING,
        RegisterOp.REGISTER_IOWQ_MAX_WORKERS,
        RegisterOp.REGISTER_FILES2,
        RegisterOp.REGISTER_FILES_UPDATE,
        RegisterOp.UNREGISTER_FILES,
        RegisterOp.REGISTER_BUFFERS2,
        RegisterOp.REGISTER_BUFFERS_UPDATE,
        RegisterOp.UNREGISTER_BUFFERS,
    };

    private Confinement() {}

    /**
     * Confines a ring that is not enabled yet; without effect on a kernel that cannot.
     *
     * @param opcodes what the kernel has: it refuses a list with others
     * @return whether the ring is confined
     */
    static boolean apply(Ring ring, BitSet opcodes) {
        if ((ring.setupFlags() & RingParamsLayout.SETUP_R_DISABLED) == 0) {
            Log.LOG.debug("the ring is not restricted: this kernel enables it at once");
            return false;
        }
        Restrictions allowed = new Restrictions().allSqeFlags();
        allowed.registerOperations(REGISTER_OPERATIONS);
        allow(allowed, opcodes, OWN_OPERATIONS);
        for (Op op : Op.values()) {
            if (op.hasOpcode()) {
                allow(allowed, opcodes, op.opcode());
            }
        }
        try {
            new RingResources(ring).restrict(allowed);
            return true;
        } catch (RingException e) {
            Log.LOG.debug("the ring is not restricted: {}", e.getMessage());
            return false;
        }
    }

    private static void allow(Restrictions allowed, BitSet known, int... opcodes) {
        for (int opcode : opcodes) {
            if (known.get(opcode)) {
                allowed.operations(opcode);
            }
        }
    }
}
