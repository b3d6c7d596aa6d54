package dev.chime.reactor;

import dev.chime.reactor.FuzzProgram.Step;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.libc.Memory;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.zip.CRC32;

/**
 * A lane of a {@link FuzzProgram} at work: performs step after step and writes down what each gave.
 * What a cancel may change is written with a question mark.
 */
abstract class FuzzLane {
    final Ops ops;
    private final Iterator<Step> steps;
    private final List<String> seen = new ArrayList<>();
    private String current = "start";

    FuzzLane(Ops ops, List<Step> steps) {
        this.ops = ops;
        this.steps = steps.iterator();
    }

    /** What the steps gave, in order. */
    List<String> seen() {
        return seen;
    }

    /** Performs the next step, or ends. */
    final void next() {
        if (steps.hasNext()) {
            Step step = steps.next();
            current = step.toString();
            switch (step.kind()) {
                case NOP -> ops.core.reactor().nop(err -> tell(err == null ? "nop" : err.code()));
                case TIMER -> ops.core.reactor().setTimeout(step.a() % 3, () -> tell("timer"));
                default -> perform(step);
            }
        } else {
            current = "end";
            end();
        }
    }

    abstract void perform(Step step);

    /** Gives everything back; then says {@link #ended}. */
    abstract void end();

    final void ended() {
        seen.add("ended");
    }

    /** Writes down how the step went and goes on. */
    final void tell(String what) {
        note(what);
        next();
    }

    final void note(String what) {
        seen.add(current + " -> " + what);
    }

    /** Passes one result on; a second one is a finding. */
    final IntConsumer once(IntConsumer then) {
        boolean[] called = {false};
        String step = current;
        return result -> {
            if (called[0]) {
                throw new AssertionError("called back twice: " + step);
            }
            called[0] = true;
            then.accept(result);
        };
    }

    static String text(int result) {
        return result < 0 ? Errno.of(result).name() : String.valueOf(result);
    }

    final Chunk filled(int bytes, int salt) {
        Chunk chunk = ops.core.allocate(Math.max(1, bytes));
        byte[] content = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            content[i] = (byte) (i * 31 + salt + (i >> 8));
        }
        Memory.copy(content, 0, chunk.address(), bytes);
        return chunk;
    }

    static String sum(long address, int bytes) {
        byte[] content = new byte[Math.max(0, bytes)];
        Memory.copy(address, content, 0, content.length);
        CRC32 crc = new CRC32();
        crc.update(content);
        return Long.toHexString(crc.getValue());
    }
}
