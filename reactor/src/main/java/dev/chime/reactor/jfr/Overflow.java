package dev.chime.reactor.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A full completion queue: the kernel keeps the surplus, at a cost. */
@Name("dev.chime.Overflow")
@Label("Overflow")
@Description(
        "The completion queue of the ring was full: nothing is lost, but -Dchime.cqEntries may help")
@Category({"Chime", "Engine"})
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
final class Overflow extends Event {
    @Label("Entries")
    @Description("The size of the completion queue")
    private int entries;

    @Label("Times")
    @Description("How often this ring was found full")
    private long times;

    private Overflow() {}

    static void commit(int entries, long times) {
        Overflow event = new Overflow();
        event.entries = entries;
        event.times = times;
        event.commit();
    }
}
