package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.ErrnoCode;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The open files of the simulated process by number: the lowest free one, far from real ones. */
final class Descriptors {
    /** The first number: no real process gets that far. */
    static final int FIRST = 1 << 30;

    private static final int LIMIT = 1 << 20;

    private final TreeMap<Integer, SimOpen> table = new TreeMap<>();

    /** Gives a file a number; EMFILE when there is none. */
    int add(SimOpen file) {
        int number = lowestFree();
        if (number < 0) {
            return number;
        }
        table.put(number, file);
        return number;
    }

    private int lowestFree() {
        if (table.size() >= LIMIT) {
            return -ErrnoCode.EMFILE;
        }
        if (table.isEmpty() || table.lastKey() == FIRST + table.size() - 1) {
            return FIRST + table.size();
        }
        int number = FIRST;
        for (int used : table.keySet()) {
            if (used != number) {
                break;
            }
            number++;
        }
        return number;
    }

    @Nullable SimOpen get(int number) {
        return table.get(number);
    }

    /** Ends a number; 0, or EBADF. */
    int close(int number) {
        SimOpen file = table.remove(number);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        file.close();
        return 0;
    }

    /** How many of a kind are open. */
    long count(Class<? extends SimOpen> kind) {
        return table.values().stream().filter(kind::isInstance).count();
    }

    /** How many are open. */
    int size() {
        return table.size();
    }

    void closeAll() {
        table.values().forEach(SimOpen::close);
        table.clear();
    }
}
