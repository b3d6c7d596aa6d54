package dev.chime.fs;

import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.InotifyEventLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The queue of an inotify descriptor (inotify(7)): its events in order, and which halves of renames
 * belong together.
 *
 * <p>The kernel queues the two halves of a rename one right after the other, but not as one: a read
 * may bring the first alone. So a first half without its second waits for a moment; after that it
 * stands for itself, because the other place is not watched.
 */
final class Inotify {
    /** One event. */
    static final class Event {
        final int wd;
        final int mask;
        final int cookie;
        final @Nullable Path name;

        /** Its place among all events. */
        final long sequence;

        private final int round;
        private boolean paired;

        private Event(int wd, int mask, int cookie, @Nullable Path name, long sequence, int round) {
            this.wd = wd;
            this.mask = mask;
            this.cookie = cookie;
            this.name = name;
            this.sequence = sequence;
            this.round = round;
        }

        boolean is(int bits) {
            return (mask & bits) != 0;
        }

        boolean isFolder() {
            return is(InotifyEventLayout.IN_ISDIR);
        }
    }

    /** A name in a watched folder. */
    private record Place(int wd, @Nullable Path name) {}

    private static final int READ_BYTES = 4096;

    /** Beyond so many events the kernel's own queue, which has a limit, must do. */
    private static final int MOST_AHEAD = 100_000;

    private final Core core;
    private final int fd;
    private final ArrayDeque<Event> events = new ArrayDeque<>();
    private final Map<Integer, Event> arrivals = new HashMap<>();
    private final Map<Place, Integer> leaving = new HashMap<>();
    private long sequence;
    private int round;
    private int settled;

    Inotify(Core core, int fd) {
        this.core = core;
        this.fd = fd;
    }

    /** A new descriptor, or a negative errno. */
    static int open(Core core) {
        int flags = InotifyEventLayout.IN_NONBLOCK | InotifyEventLayout.IN_CLOEXEC;
        return (int) core.syscall(Sys.INOTIFY_INIT1, flags, 0, 0);
    }

    /** Takes over what the kernel has, a page at the most; bytes, or a negative errno. */
    int read() {
        long address = core.scratch();
        long result = core.syscall(Sys.READ, fd, address, READ_BYTES);
        if (result < 0) {
            boolean nothing = result == -ErrnoCode.EAGAIN || result == -ErrnoCode.EINTR;
            return nothing ? 0 : (int) result;
        }
        round++;
        for (long at = address; at < address + result; ) {
            int length = Memory.getInt(at + InotifyEventLayout.LEN);
            add(at, length);
            at += InotifyEventLayout.SIZE + length;
        }
        return (int) result;
    }

    /** A name in at most {@code room} bytes, until its NUL. */
    private static Path name(long at, int room) {
        int length = 0;
        while (length < room && Memory.getByte(at + length) != 0) {
            length++;
        }
        byte[] bytes = new byte[length];
        Memory.copy(at, bytes, 0, length);
        return NativePath.decode(bytes);
    }

    private void add(long at, int length) {
        Path name = length == 0 ? null : name(at + InotifyEventLayout.SIZE, length);
        Event event =
                new Event(
                        Memory.getInt(at + InotifyEventLayout.WD),
                        Memory.getInt(at + InotifyEventLayout.MASK),
                        Memory.getInt(at + InotifyEventLayout.COOKIE),
                        name,
                        ++sequence,
                        round);
        events.add(event);
        if (event.is(InotifyEventLayout.IN_MOVED_TO)) {
            arrivals.put(event.cookie, event);
        }
        if (leaves(event)) {
            leaving.merge(new Place(event.wd, name), 1, Integer::sum);
        }
    }

    private static boolean leaves(Event event) {
        int bits = InotifyEventLayout.IN_MOVED_FROM | InotifyEventLayout.IN_DELETE;
        return event.isFolder() && event.is(bits);
    }

    /** Takes over what the kernel has, all of it if it is not too much. */
    void readAll() {
        int got = 1;
        while (got > 0 && events.size() < MOST_AHEAD) {
            got = read();
        }
    }

    /** The number of the last event that is here. */
    long sequence() {
        return sequence;
    }

    /** True when the event is here that this folder has gone. */
    boolean isLeaving(int wd, Path name) {
        return leaving.containsKey(new Place(wd, name));
    }

    /** The next event, which stays; null when all are taken. */
    @Nullable Event first() {
        Event event = events.peek();
        while (event != null && event.paired) {
            events.remove();
            event = events.peek();
        }
        return event;
    }

    /** Takes the next event. */
    void remove() {
        Event event = events.remove();
        if (event.is(InotifyEventLayout.IN_MOVED_TO)) {
            arrivals.remove(event.cookie, event);
        }
        if (leaves(event)) {
            leaving.computeIfPresent(
                    new Place(event.wd, event.name), (place, n) -> n == 1 ? null : n - 1);
        }
    }

    /** True when a rename's second half may still come. */
    boolean mayArrive(Event from) {
        return from.round - settled > 0 && !arrivals.containsKey(from.cookie);
    }

    /** Takes a rename's second half out of turn; null when there is none. */
    @Nullable Event arrival(Event from) {
        Event to = arrivals.remove(from.cookie);
        if (to != null) {
            to.paired = true;
        }
        return to;
    }

    /** How many reads there were. */
    int round() {
        return round;
    }

    /** The first halves read until then wait no longer. */
    void settle(int until) {
        settled = until;
    }

    /** Takes a watch away; its events that are queued have no folder any more. */
    void removeWatch(int wd) {
        core.syscall(Sys.INOTIFY_RM_WATCH, fd, wd, 0);
    }
}
