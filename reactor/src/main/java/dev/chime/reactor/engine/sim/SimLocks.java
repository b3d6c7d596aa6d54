package dev.chime.reactor.engine.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * The record locks on a node that belong to open files (F_OFD_*, fcntl(2)): what one locks or
 * unlocks is cut out of what it has there already, and neighbours of one kind need not be one.
 */
@SuppressWarnings("ReferenceEquality") // the very same open file
final class SimLocks {
    /** Bytes from {@code start} up to {@code end}, which may be the greatest long. */
    private record Lock(SimOpen owner, long start, long end, boolean exclusive) {
        boolean overlaps(long from, long to) {
            return start < to && from < end;
        }
    }

    private final List<Lock> locks = new ArrayList<>(1);

    /** Locks a range; false when somebody else's lock is in the way. */
    boolean lock(SimOpen owner, long start, long end, boolean exclusive) {
        for (Lock lock : locks) {
            boolean inTheWay = lock.owner != owner && (exclusive || lock.exclusive);
            if (inTheWay && lock.overlaps(start, end)) {
                return false;
            }
        }
        unlock(owner, start, end);
        locks.add(new Lock(owner, start, end, exclusive));
        return true;
    }

    void unlock(SimOpen owner, long start, long end) {
        for (Lock lock : List.copyOf(locks)) {
            if (lock.owner == owner && lock.overlaps(start, end)) {
                locks.remove(lock);
                if (lock.start < start) {
                    locks.add(new Lock(owner, lock.start, start, lock.exclusive));
                }
                if (end < lock.end) {
                    locks.add(new Lock(owner, end, lock.end, lock.exclusive));
                }
            }
        }
    }

    /** The open file is closed: its locks end. */
    void release(SimOpen owner) {
        locks.removeIf(lock -> lock.owner == owner);
    }
}
