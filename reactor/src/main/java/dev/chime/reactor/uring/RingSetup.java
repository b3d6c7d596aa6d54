package dev.chime.reactor.uring;

import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.RingParamsLayout;
import dev.chime.reactor.libc.Sys;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code io_uring_setup} call: asks for everything wanted and drops, one at a time and newest
 * first, what this kernel refuses with EINVAL.
 */
final class RingSetup {
    /** What serves a loop on one thread. */
    static final int LOOP_FLAGS =
            RingParamsLayout.SETUP_CLAMP
                    | RingParamsLayout.SETUP_R_DISABLED
                    | RingParamsLayout.SETUP_SUBMIT_ALL
                    | RingParamsLayout.SETUP_TASKRUN_FLAG
                    | RingParamsLayout.SETUP_SINGLE_ISSUER
                    | RingParamsLayout.SETUP_DEFER_TASKRUN
                    | RingParamsLayout.SETUP_NO_SQARRAY;

    /** A step down: without {@code flags}, and with {@code instead} where the pair needs it. */
    private record Step(String name, int flags, int instead) {}

    private static final List<Step> STEPS =
            List.of(
                    new Step("NO_SQARRAY", RingParamsLayout.SETUP_NO_SQARRAY, 0),
                    new Step(
                            "DEFER_TASKRUN",
                            RingParamsLayout.SETUP_DEFER_TASKRUN,
                            RingParamsLayout.SETUP_COOP_TASKRUN),
                    new Step("SINGLE_ISSUER", RingParamsLayout.SETUP_SINGLE_ISSUER, 0),
                    new Step(
                            "COOP_TASKRUN, TASKRUN_FLAG",
                            RingParamsLayout.SETUP_COOP_TASKRUN
                                    | RingParamsLayout.SETUP_TASKRUN_FLAG,
                            0),
                    new Step("SUBMIT_ALL", RingParamsLayout.SETUP_SUBMIT_ALL, 0),
                    new Step("R_DISABLED", RingParamsLayout.SETUP_R_DISABLED, 0));

    private final RingOptions options;
    private final List<String> dropped = new ArrayList<>();
    private int flags;

    RingSetup(RingOptions options) {
        this.options = options;
        flags = options.flags();
        if (options.completionEntries() > 0) {
            flags |= RingParamsLayout.SETUP_CQSIZE;
        }
    }

    /**
     * Sets the ring up.
     *
     * @param params zeroed memory of {@link RingParamsLayout#SIZE} bytes, filled by the kernel
     * @return the ring's descriptor, or a negative errno
     */
    int call(Libc libc, long params) {
        int next = options.required() ? STEPS.size() : 0;
        while (true) {
            Memory.fill(params, RingParamsLayout.SIZE, (byte) 0);
            Memory.putInt(params + RingParamsLayout.FLAGS, flags);
            Memory.putInt(params + RingParamsLayout.CQ_ENTRIES, options.completionEntries());
            Memory.putInt(
                    params + RingParamsLayout.SQ_THREAD_IDLE, (int) options.pollIdle().toMillis());
            long result = libc.syscall(Sys.IO_URING_SETUP, options.entries(), params);
            if (result != -ErrnoCode.EINVAL || next == STEPS.size()) {
                return (int) result;
            }
            Step step = STEPS.get(next++);
            flags = (flags & ~step.flags()) | step.instead();
            dropped.add(step.name());
        }
    }

    /** The flags that the last call used. */
    int flags() {
        return flags;
    }

    /** Names of what was dropped on the way, for the log. */
    List<String> dropped() {
        return List.copyOf(dropped);
    }
}
