package dev.chime.reactor;

import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a loop tells of itself: counts, what is in flight, what keeps it alive. */
final class Inspector {
    private static final double NANOS_A_MILLI = 1e6;

    private final Loop loop;
    private final Operations operations;
    private final Meter meter;

    Inspector(Loop loop, Operations operations, Meter meter) {
        this.loop = loop;
        this.operations = operations;
        this.meter = meter;
    }

    // ---- metrics: any thread

    LoopMetrics metrics() {
        Engine engine = loop.engine();
        Map<LoopMetrics.Figure, Long> figures = new EnumMap<>(LoopMetrics.Figure.class);
        figures.put(LoopMetrics.Figure.BUSY_NANOS, meter.busyNanos());
        figures.put(LoopMetrics.Figure.IDLE_NANOS, meter.idleNanos());
        figures.put(LoopMetrics.Figure.TURNS, meter.turns());
        figures.put(LoopMetrics.Figure.STALLS, meter.stalls());
        figures.put(LoopMetrics.Figure.STALLED_NANOS, meter.stalledNanos());
        figures.put(LoopMetrics.Figure.ENTERS, engine.enters());
        figures.put(LoopMetrics.Figure.DEMOTIONS, engine.demotions());
        figures.put(LoopMetrics.Figure.OVERFLOWS, engine.overflows());
        return new LoopMetrics(
                figures,
                meter.turnDurations().counts(),
                meter.timerDelays().counts(),
                operationMetrics(),
                loop.lanes().metrics(loop.engine()));
    }

    private Map<String, OpMetrics> operationMetrics() {
        long[] inFlight = new long[OpCounts.ROWS];
        operations.slots().forEachPending(slot -> inFlight[OpCounts.row(slot.op())]++);
        Map<String, OpMetrics> metrics = new TreeMap<>();
        for (Op op : Op.values()) {
            metrics.put(op.name(), operations.counts().metrics(op, inFlight[OpCounts.row(op)]));
        }
        return metrics;
    }

    // ---- what is in flight: any thread

    String dump() {
        boolean own = Thread.currentThread() == loop.thread();
        StringBuilder out = new StringBuilder(256);
        out.append("reactor on ").append(loop.thread()).append(", engine ");
        out.append(loop.engine().capabilities().engine()).append(", ").append(activity());
        List<String> lines = new ArrayList<>();
        operations.slots().forEachPending(slot -> lines.add(line(slot)));
        out.append("\noperations in flight: ").append(lines.size());
        lines.forEach(line -> out.append("\n  ").append(line));
        out.append("\ntimers: ").append(loop.timers().referenced()).append(" referenced");
        if (own) {
            int[] all = new int[1];
            loop.timers().forEach(timer -> all[0]++);
            out.append(" of ").append(all[0]);
        }
        out.append(", immediates: ").append(loop.immediates().size());
        out.append(", hooks: ").append(hooks().stream().mapToInt(Hooks::referenced).sum());
        out.append(", close callbacks: ").append(loop.closeCallbacks());
        out.append(", votes: ").append(loop.votes());
        if (own) {
            out.append(", posted tasks: ").append(loop.inbox().size());
        }
        appendHandles(out);
        for (LaneMetrics lane : loop.lanes().metrics(loop.engine())) {
            out.append("\nlane ").append(lane.name()).append(": ").append(lane.running());
            out.append(" calls run, ").append(lane.queued()).append(" wait");
        }
        return out.append('\n').toString();
    }

    private String activity() {
        long since = meter.busySince();
        return since == Meter.NEVER
                ? "waiting or not running"
                : "busy for " + millis(Meter.time() - since);
    }

    private List<Hooks> hooks() {
        return List.of(loop.idle(), loop.prepare(), loop.check());
    }

    private void appendHandles(StringBuilder out) {
        List<Core.Handle> open;
        try {
            open = loop.handles().open();
        } catch (RuntimeException e) { // another thread's look into a collection that changes
            out.append("\nopen: changing");
            return;
        }
        out.append("\nopen: ").append(open.size());
        open.forEach(handle -> out.append("\n  ").append(handle).append(note(handle)));
    }

    private static String note(Core.Handle handle) {
        return handle.hasRef() ? "" : " unreferenced";
    }

    /** One operation; on another thread the slot may change under our eyes. */
    private String line(Slot slot) {
        String state = slot.state() == Slot.State.QUEUED ? "queued" : "in flight";
        String place = loop.engine().place(slot);
        String ref = slot.keepsAlive ? "" : " unreferenced";
        return "%-8s fd %d, %s for %s, %s%s%s"
                .formatted(
                        slot.op(),
                        slot.fd,
                        state,
                        millis(loop.clock().nanoTime() - slot.since),
                        place,
                        ref,
                        about(slot));
    }

    private static String about(Slot slot) {
        Object subject = slot.context;
        if (subject == null) {
            subject = slot.callback;
        }
        try {
            return ", " + name(subject == null ? slot.completion() : subject);
        } catch (RuntimeException | AssertionError e) {
            return ""; // it has ended meanwhile
        }
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f ms", nanos / NANOS_A_MILLI);
    }

    /** What an object is: its own words, or, of a lambda, the class that it is written in. */
    static String name(Object object) {
        Class<?> type = object.getClass();
        if (!type.isHidden()) {
            return object.toString();
        }
        String name = type.getName();
        int end = name.indexOf("$$");
        return "a lambda in " + (end < 0 ? name : name.substring(0, end));
    }

    // ---- what keeps the loop alive: its thread only

    List<ActiveResource> activeResources() {
        List<ActiveResource> found = new ArrayList<>();
        loop.timers().forEach(timer -> addTimer(found, timer));
        for (Immediate immediate : loop.immediates()) {
            Task task = immediate.pending();
            if (task != null) {
                found.add(new ActiveResource("Immediate", name(task), TracedTask.siteOf(task)));
            }
        }
        for (Hooks hooks : hooks()) {
            hooks.forEachReferenced(task ->
                    found.add(new ActiveResource("Hook", name(task), TracedTask.siteOf(task))));
        }
        for (Core.Handle handle : loop.handles().open()) {
            if (handle.hasRef()) {
                CallSite site = loop.handles().site(handle);
                found.add(new ActiveResource(handle.kind(), handle.toString(), site));
            }
        }
        operations
                .slots()
                .forEachPending(slot -> {
                    if (slot.keepsAlive) {
                        found.add(new ActiveResource(slot.op().syscall(), line(slot), slot.site));
                    }
                });
        for (BlockingCall<?> call : loop.lanes().calls()) {
            String kind = call.lane().metrics().name().equals("lookup") ? "Lookup" : "Blocking";
            found.add(new ActiveResource(kind, call.toString(), call.site()));
        }
        addMany(found, "CloseCallback", loop.closeCallbacks());
        addMany(found, "Post", (int) loop.inbox().size());
        return found;
    }

    private void addTimer(List<ActiveResource> found, Timer timer) {
        if (timer.hasRef()) {
            String due = millis(Math.max(0, timer.deadline - loop.clock().nanoTime()));
            found.add(
                    new ActiveResource(
                            timer.repeats() ? "Interval" : "Timeout",
                            "due in " + due + ", " + name(timer.task),
                            TracedTask.siteOf(timer.task)));
        }
    }

    private static void addMany(List<ActiveResource> found, String kind, int count) {
        @Nullable Throwable unknown = null;
        for (int i = 0; i < count; i++) {
            found.add(new ActiveResource(kind, "task " + (i + 1) + " of " + count, unknown));
        }
    }
}
