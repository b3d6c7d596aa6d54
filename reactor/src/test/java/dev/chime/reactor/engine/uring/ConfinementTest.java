package dev.chime.reactor.engine.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Opcode;
import dev.chime.reactor.libc.RegisterOp;
import dev.chime.reactor.testing.Availability;
import dev.chime.reactor.uring.Cqe;
import dev.chime.reactor.uring.Ring;
import dev.chime.reactor.uring.RingOptions;
import dev.chime.reactor.uring.RingResources;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The list that confines the engine's ring: all of the vocabulary passes, nothing else does. */
class ConfinementTest {
    @BeforeAll
    static void needsRing() {
        assumeTrue(Availability.refusal().isEmpty(), Availability::refusal);
    }

    /** What a confined ring says of an empty entry of each opcode that the kernel has. */
    private static Set<Integer> refused(Ring ring, BitSet opcodes) {
        Set<Integer> refused = new TreeSet<>();
        opcodes.stream()
                .forEach(opcode -> {
                    ring.sqe().prep(opcode, -1, 0, 0, 0, 0).userData(opcode);
                    ring.submit();
                    Cqe cqe = ring.waitCqe();
                    assertEquals(opcode, cqe.userData());
                    if (cqe.result() == -ErrnoCode.EACCES) {
                        refused.add(opcode);
                    }
                    ring.seen();
                });
        return refused;
    }

    @Test
    void opcodesOutsideTheVocabulary_areRefused_thoseInsideAreNot() throws Exception {
        try (Ring ring = Ring.open(RingOptions.loop(8, 16))) {
            BitSet opcodes = new RingResources(ring).opcodes();
            assumeTrue(Confinement.apply(ring, opcodes), "a kernel without restrictions");
            ring.enable();
            BitSet asked = (BitSet) opcodes.clone();
            asked.clear(Opcode.TIMEOUT); // an empty one is an error of its address
            Set<Integer> refused = refused(ring, asked);

            for (int foreign :
                    new int[] {
                        Opcode.EPOLL_CTL, Opcode.PROVIDE_BUFFERS, Opcode.MADVISE, Opcode.URING_CMD
                    }) {
                assertTrue(refused.contains(foreign) || !opcodes.get(foreign), "opcode " + foreign);
            }
            for (Op op : EnumSet.allOf(Op.class)) {
                assertTrue(!refused.contains(op.opcode()), op::toString);
            }
        }
    }

    @Test
    void registerCallsOfTheEngine_pass_othersDoNot() throws Exception {
        try (Ring ring = Ring.open(RingOptions.loop(8, 16))) {
            RingResources resources = new RingResources(ring);
            assumeTrue(Confinement.apply(ring, resources.opcodes()), "no restrictions here");
            ring.enable();

            resources.maxWorkers(4, 4);
            resources.opcodes();
            resources.registerFilesSparse(1);
            resources.updateFiles(0, -1);
            resources.unregisterFiles();
            resources.registerBuffersSparse(1);
            resources.updateBuffer(0, MemorySegment.NULL);
            resources.unregisterBuffers();
            assertEquals(-ErrnoCode.EACCES, ring.register(RegisterOp.UNREGISTER_EVENTFD, 0, 0));
            assertEquals(-ErrnoCode.EACCES, ring.register(RegisterOp.REGISTER_PERSONALITY, 0, 0));
            assertEquals(-ErrnoCode.EACCES, ring.register(RegisterOp.REGISTER_EVENTFD_ASYNC, 0, 0));
        }
    }

    @Test
    void unconfinedRing_answersOtherwise() throws Exception {
        try (Ring ring = Ring.open(RingOptions.loop(8, 16))) {
            ring.enable();

            assertNotEquals(-ErrnoCode.EACCES, ring.register(RegisterOp.UNREGISTER_EVENTFD, 0, 0));
        }
    }
}
