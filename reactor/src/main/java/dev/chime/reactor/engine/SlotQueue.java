package dev.chime.reactor.engine;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** A first-in, first-out list of slots through {@link Slot#next}: a slot is in one at a time. */
public final class SlotQueue {
    private @Nullable Slot head;
    private @Nullable Slot tail;
    private int size;

    /** Makes an empty queue. */
    public SlotQueue() {}

    /** True when there is none. */
    public boolean isEmpty() {
        return head == null;
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    /** The oldest, which stays. */
    public @Nullable Slot first() {
        return head;
    }

    /** Adds behind the newest. */
    public void add(Slot slot) {
        slot.next = null;
        if (tail == null) {
            head = slot;
        } else {
            tail.next = slot;
        }
        tail = slot;
        size++;
    }

    /** Puts one back that was just removed. */
    public void addFirst(Slot slot) {
        slot.next = head;
        head = slot;
        if (tail == null) {
            tail = slot;
        }
        size++;
    }

    /** Takes the oldest. */
    public Slot remove() {
        Slot slot = head;
        if (slot == null) {
            throw new NoSuchElementException("no slot is queued");
        }
        head = slot.next;
        if (head == null) {
            tail = null;
        }
        slot.next = null;
        size--;
        return slot;
    }

    /** Takes this one out, wherever it is; false when it is not here. */
    public boolean remove(Slot wanted) {
        Slot before = null;
        for (Slot slot = head; slot != null; before = slot, slot = slot.next) {
            if (slot == wanted) {
                if (before == null) {
                    remove();
                    return true;
                }
                before.next = slot.next;
                if (tail == slot) {
                    tail = before;
                }
                slot.next = null;
                size--;
                return true;
            }
        }
        return false;
    }
}
