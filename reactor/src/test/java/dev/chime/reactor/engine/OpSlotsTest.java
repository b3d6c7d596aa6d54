package dev.chime.reactor.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.libc.Libc;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Slots are taken and given back in any order, and none is lost. */
class OpSlotsTest {
    private static final int BLOCK = 256;
    private static final int MOST = 1000;

    private final OpSlots slots = new OpSlots(new Libc());
    private final ArrayDeque<Slot> taken = new ArrayDeque<>();
    private final Set<Integer> indexes = new HashSet<>();

    private void take(int count) {
        for (int i = 0; i < count; i++) {
            Slot slot = slots.acquire(Op.NOP, (completed, result, more) -> {});
            indexes.add(slot.index);
            taken.add(slot);
        }
    }

    private void giveBack(int count) {
        for (int i = 0; i < count; i++) {
            Slot slot = taken.remove();
            slot.move(Slot.State.QUEUED, Slot.State.IN_FLIGHT);
            slot.move(Slot.State.IN_FLIGHT, Slot.State.DONE);
            slots.release(slot);
        }
    }

    @Test
    void crowds_comeAndGo_inTheSamePlaces() {
        for (int i = 0; i < 50; i++) {
            take(MOST);
            giveBack(MOST);
        }
        slots.close();
        assertTrue(indexes.size() <= MOST + BLOCK, () -> indexes.size() + " slots were made");
    }

    @Test
    void anyOrder_neverGivesASlotTwice() {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            take(random.nextInt(MOST - taken.size() + 1));
            assertEquals(taken.size(), new HashSet<>(taken).size());
            assertEquals(taken.size(), slots.inUse());
            giveBack(random.nextInt(taken.size() + 1));
        }
        giveBack(taken.size());
        slots.close();
        assertTrue(indexes.size() <= MOST + BLOCK, () -> indexes.size() + " slots were made");
    }
}
