package dev.chime.reactor.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** The end of a turn that was longer than the stall threshold; the thread is the loop's. */
@Name("dev.chime.Stall")
@Label("Stall")
@Description("A turn that took longer than ReactorOptions.stallThreshold; sent at its end")
@Category({"Chime", "Loop"})
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
final class Stall extends Event {
    @Label("Length")
    @Timespan(Timespan.NANOSECONDS)
    private long length;

    @Label("Reported")
    @Description("Whether the watchdog has logged the loop's stack during the stall")
    private boolean reported;

    private Stall() {}

    static void commit(long nanos, boolean reported) {
        Stall event = new Stall();
        event.length = nanos;
        event.reported = reported;
        event.commit();
    }
}
