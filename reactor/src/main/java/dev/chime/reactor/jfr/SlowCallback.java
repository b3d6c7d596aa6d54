package dev.chime.reactor.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/** A callback that kept the loop for longer than the event's threshold. */
@Name("dev.chime.SlowCallback")
@Label("Slow Callback")
@Description("A callback that kept the loop busy")
@Category({"Chime", "Loop"})
@Threshold("20 ms")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
public final class SlowCallback extends Event {
    @Label("Kind")
    @Description("What it was called for: the name of an operation, or task or tick")
    private String kind = "";

    @Label("Callback")
    @Description("The class of the callback")
    private String callback = "";

    private SlowCallback() {}

    static @Nullable SlowCallback begun() {
        SlowCallback event = new SlowCallback();
        if (!event.isEnabled()) {
            return null;
        }
        event.begin();
        return event;
    }

    /** The callback has returned or thrown. */
    public void ended(String what, @Nullable Object called) {
        end();
        if (shouldCommit()) {
            kind = what;
            callback = called == null ? "" : called.getClass().getName();
            commit();
        }
    }
}
