package dev.chime.reactor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Tasks in order, in an array that grows and is used again. */
final class TaskQueue {
    /** A power of two: more than a turn's completions usually add. */
    private static final int FIRST = 2 * Operations.DRAIN_BUDGET_OPS;

    private @Nullable Task[] tasks = new @Nullable Task[FIRST];
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    void add(Task task) {
        if (size == tasks.length) {
            @Nullable Task[] larger = Arrays.copyOf(tasks, 2 * size);
            System.arraycopy(tasks, 0, larger, size, head);
            tasks = larger;
        }
        tasks[head + size & tasks.length - 1] = task;
        size++;
    }

    @Nullable Task take() {
        if (size == 0) {
            return null;
        }
        Task task = tasks[head];
        tasks[head] = null;
        head = head + 1 & tasks.length - 1;
        size--;
        return task;
    }
}
