package dev.chime.reactor.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A kind of operation that the ring refused although its opcode is there. */
@Name("dev.chime.Demotion")
@Label("Demotion")
@Description(
        "An operation that does not work on this kernel's ring and goes to the pool from now on")
@Category({"Chime", "Engine"})
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
final class Demotion extends Event {
    @Label("Operation")
    private String operation = "";

    private Demotion() {}

    static void commit(String operation) {
        Demotion event = new Demotion();
        event.operation = operation;
        event.commit();
    }
}
