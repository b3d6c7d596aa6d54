package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.InotifyEventLayout;
import dev.chime.reactor.libc.Memory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An inotify descriptor: its watches, and the queue of its events (inotify(7)). */
final class SimInotify extends SimOpen {
    /** Of {@code fs.inotify.max_user_instances}. */
    static final int INSTANCES = 128;

    /** Of {@code fs.inotify.max_queued_events}. */
    static final int QUEUED_EVENTS = 16_384;

    /** IN_ALL_EVENTS. */
    static final int EVENTS = 0xfff;

    private static final int POLLIN = 1;

    /** What one descriptor wants to hear of one node. */
    static final class Watch {
        private final SimInotify listener;
        private final SimNode node;
        private final int wd;
        private int mask;

        private Watch(SimInotify listener, SimNode node, int wd) {
            this.listener = listener;
            this.node = node;
            this.wd = wd;
        }

        boolean hears(int event) {
            return (mask & event & EVENTS) != 0;
        }

        /** Whether it wants to hear no more of a file whose name was removed. */
        boolean excludesRemoved() {
            return (mask & InotifyEventLayout.IN_EXCL_UNLINK) != 0;
        }

        void tell(int event, int cookie, @Nullable String name) {
            listener.queue(new Event(wd, event, cookie, name));
        }

        /** Ends the watch, whose last event says so. */
        void end() {
            listener.watches.remove(wd);
            node.watches.remove(this);
            listener.queue(new Event(wd, InotifyEventLayout.IN_IGNORED, 0, null));
        }
    }

    private record Event(int wd, int mask, int cookie, @Nullable String name) {
        private static final Event OVERFLOW =
                new Event(-1, InotifyEventLayout.IN_Q_OVERFLOW, 0, null);

        byte[] bytes() {
            return name == null ? new byte[0] : name.getBytes(StandardCharsets.ISO_8859_1);
        }

        /** Room for a name and its NUL, in whole structs. */
        static int room(byte[] name) {
            int size = InotifyEventLayout.SIZE;
            return name.length == 0 ? 0 : (name.length + size) / size * size;
        }
    }

    private final SimWorld world;
    private final ArrayDeque<Event> events = new ArrayDeque<>();
    private final Map<Integer, Watch> watches = new HashMap<>();
    private int lastWatch;

    SimInotify(SimWorld world, int flags) {
        super(flags | Const.O_RDONLY);
        this.world = world;
    }

    /** Watches a node, or changes the watch that there is; its number. */
    int add(SimNode node, int mask) {
        for (Watch known : node.watches) {
            if (known.listener == this) {
                known.mask = mask;
                return known.wd;
            }
        }
        Watch watch = new Watch(this, node, ++lastWatch);
        watch.mask = mask;
        watches.put(watch.wd, watch);
        node.watches.add(watch);
        return watch.wd;
    }

    int remove(int wd) {
        Watch watch = watches.get(wd);
        if (watch == null) {
            return -ErrnoCode.EINVAL;
        }
        watch.end();
        return 0;
    }

    private void queue(Event event) {
        Event last = events.peekLast();
        boolean full = events.size() >= world.watchQueue();
        if (full ? Event.OVERFLOW.equals(last) : event.equals(last) && merges(event)) {
            return;
        }
        events.add(full ? Event.OVERFLOW : event);
        world.wake(readers);
        world.wake(pollers);
    }

    private static boolean merges(Event event) {
        return (event.mask() & InotifyEventLayout.IN_IGNORED) == 0;
    }

    @Override
    int read(long address, int length, long offset) {
        if (events.isEmpty()) {
            return -ErrnoCode.EAGAIN;
        }
        int done = 0;
        for (Event event = events.peek(); event != null; event = events.peek()) {
            byte[] name = event.bytes();
            int room = Event.room(name);
            if (done + InotifyEventLayout.SIZE + room > length) {
                return done == 0 ? -ErrnoCode.EINVAL : done;
            }
            long at = address + done;
            Memory.putInt(at + InotifyEventLayout.WD, event.wd());
            Memory.putInt(at + InotifyEventLayout.MASK, event.mask());
            Memory.putInt(at + InotifyEventLayout.COOKIE, event.cookie());
            Memory.putInt(at + InotifyEventLayout.LEN, room);
            Memory.fill(at + InotifyEventLayout.SIZE, room, (byte) 0);
            Memory.copy(name, 0, at + InotifyEventLayout.SIZE, name.length);
            done += InotifyEventLayout.SIZE + room;
            events.remove();
        }
        return done;
    }

    @Override
    int write(long address, int length, long offset) {
        return -ErrnoCode.EBADF;
    }

    @Override
    int events() {
        return events.isEmpty() ? 0 : POLLIN;
    }

    @Override
    void close() {
        List.copyOf(watches.values()).forEach(watch -> watch.node.watches.remove(watch));
        watches.clear();
        events.clear();
    }
}
