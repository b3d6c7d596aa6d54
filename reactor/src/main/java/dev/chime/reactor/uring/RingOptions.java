package dev.chime.reactor.uring;

import dev.chime.reactor.libc.RingParamsLayout;
import java.time.Duration;

/**
 * How a ring is set up: see io_uring_setup(2).
 *
 * @param entries submission queue entries, rounded up to a power of two by the kernel
 * @param completionEntries completion queue entries; 0 is twice {@code entries}
 * @param flags {@code IORING_SETUP_*} bits
 * @param required whether a flag that the kernel does not know is an error; else it is dropped
 * @param pollIdle with SQPOLL: how long the kernel's thread spins before it sleeps
 */
public record RingOptions(
        int entries, int completionEntries, int flags, boolean required, Duration pollIdle) {

    private static final int MOST = 1 << 16;
    private static final int OTHER_LAYOUTS =
            RingParamsLayout.SETUP_SQE128
                    | RingParamsLayout.SETUP_CQE32
                    | RingParamsLayout.SETUP_CQE_MIXED
                    | RingParamsLayout.SETUP_NO_MMAP
                    | RingParamsLayout.SETUP_REGISTERED_FD_ONLY;

    /** Checks the sizes. */
    public RingOptions {
        if (entries < 1 || completionEntries < 0) {
            throw new IllegalArgumentException(
                    "entries is " + entries + ", completionEntries " + completionEntries);
        }
        if (entries > MOST || completionEntries > 2 * MOST) {
            throw new IllegalArgumentException("more than " + MOST + " entries");
        }
        if ((flags & OTHER_LAYOUTS) != 0) {
            throw new IllegalArgumentException(
                    "entries are of 64 and 16 bytes here, and mapped by the ring: without SQE128,"
                            + " CQE32, CQE_MIXED, NO_MMAP and REGISTERED_FD_ONLY");
        }
    }

    /** A plain ring, as liburing's queue_init makes it. */
    public static RingOptions entries(int entries) {
        return new RingOptions(entries, 0, RingParamsLayout.SETUP_CLAMP, true, Duration.ZERO);
    }

    /**
     * A ring for one thread that submits and reaps, enabled by {@link Ring#enable} on that thread:
     * R_DISABLED, SUBMIT_ALL, SINGLE_ISSUER, DEFER_TASKRUN, TASKRUN_FLAG and NO_SQARRAY, without
     * those that the kernel does not know.
     */
    public static RingOptions loop(int entries, int completionEntries) {
        return new RingOptions(
                entries, completionEntries, RingSetup.LOOP_FLAGS, false, Duration.ZERO);
    }

    /** These options with another completion queue. */
    public RingOptions completionEntries(int other) {
        return new RingOptions(entries, other, flags, required, pollIdle);
    }

    /**
     * These options with a kernel thread that watches the submission queue, so that submitting
     * needs no system call while it spins. It uses a core, and keeps the credentials that the
     * process had when the ring was opened: open it after dropping privileges.
     */
    public RingOptions sqPoll(Duration idle) {
        int bits = flags | RingParamsLayout.SETUP_SQPOLL;
        return new RingOptions(entries, completionEntries, bits, required, idle);
    }

    /** These options with polled completions: only O_DIRECT reads and writes of capable devices. */
    public RingOptions ioPoll() {
        int bits = flags | RingParamsLayout.SETUP_IOPOLL;
        return new RingOptions(entries, completionEntries, bits, required, pollIdle);
    }
}
