package dev.chime.reactor.internal;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a stream has still to write, in order: buffers and arrays by reference, and between them the
 * callbacks that wait for everything before them. Its arrays grow and are used again.
 */
public final class WriteQueue {
    private @Nullable Object[] items = new @Nullable Object[8];
    private int[] offsets = new int[8];
    private int[] ends = new int[8];
    private int head;
    private int size;
    private long bytes;

    /** Makes an empty queue. */
    public WriteQueue() {}

    /** Bytes not acknowledged. */
    public long bytes() {
        return bytes;
    }

    /** True when neither data nor callbacks are left. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** Items: data and callbacks. */
    public int size() {
        return size;
    }

    /** Adds data: a {@link Buffer} that the queue then owns a use of, or a byte array. */
    public void add(Object data, int offset, int length) {
        push(data, offset, offset + length);
        bytes += length;
    }

    /** Adds a callback that is due when all data before it has been acknowledged. */
    public void add(Done done) {
        push(done, 0, 0);
    }

    private void push(Object item, int offset, int end) {
        if (size == items.length) {
            grow();
        }
        int at = head + size & items.length - 1;
        items[at] = item;
        offsets[at] = offset;
        ends[at] = end;
        size++;
    }

    private void grow() {
        int old = items.length;
        items = Arrays.copyOf(items, 2 * old);
        offsets = Arrays.copyOf(offsets, 2 * old);
        ends = Arrays.copyOf(ends, 2 * old);
        System.arraycopy(items, 0, items, old, head);
        System.arraycopy(offsets, 0, offsets, old, head);
        System.arraycopy(ends, 0, ends, old, head);
    }

    private int at(int i) {
        return head + i & items.length - 1;
    }

    /** Item {@code i}, the oldest being 0: a buffer, an array or a callback. */
    public Object item(int i) {
        return Objects.requireNonNull(items[at(i)]);
    }

    /** Where the data of item {@code i} starts that has not been acknowledged. */
    public int offset(int i) {
        return offsets[at(i)];
    }

    /** How many bytes of item {@code i} have not been acknowledged. */
    public int length(int i) {
        return ends[at(i)] - offsets[at(i)];
    }

    /** Notes that the kernel took {@code count} more bytes; releases what is done. */
    public void acknowledge(long count) {
        bytes -= count;
        long left = count;
        for (int i = 0; left > 0; i++) {
            int at = at(i);
            int taken = (int) Math.min(left, ends[at] - offsets[at]);
            offsets[at] += taken;
            left -= taken;
        }
        dropSent();
    }

    private void dropSent() {
        while (size > 0 && !(items[head] instanceof Done) && offsets[head] == ends[head]) {
            release(drop());
        }
    }

    /** Takes the callback at the head, or null when unsent data comes first. */
    public @Nullable Done takeDue() {
        dropSent(); // data behind the last callback may have gone in the same send
        return size > 0 && items[head] instanceof Done ? (Done) drop() : null;
    }

    /** Takes any item, for clearing the queue. */
    public Object drop() {
        Object item = item(0);
        bytes -= ends[head] - offsets[head];
        items[head] = null;
        head = head + 1 & items.length - 1;
        size--;
        return item;
    }

    /** Gives up the queue's use of a dropped item. */
    public static void release(Object item) {
        if (item instanceof Buffer buffer) {
            buffer.release();
        }
    }
}
