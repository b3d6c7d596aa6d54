package dev.chime.reactor.engine;

import org.jspecify.annotations.Nullable;

/**
 * An open descriptor and what is in flight on it.
 *
 * <p>Closing a number while the kernel still works on it would let the next open reuse the number
 * under an old operation. So a close refuses new work, cancels, waits until {@link #inFlight} is
 * zero, and only then closes.
 */
public final class Fd {
    /** The life of a descriptor. */
    public enum State {
        /** Takes operations. */
        OPEN,
        /** Waits for its last operation, then closes. */
        CLOSING,
        /** The number belongs to somebody else. */
        CLOSED
    }

    /** What kind of file it is: how the pool engine closes it. */
    public enum Kind {
        /** A file of a file system: may block on storage. */
        FILE,
        /** A socket: never blocks. */
        SOCKET
    }

    /** Who looks after descriptors that the program holds by an object. */
    @FunctionalInterface
    public interface Watch {
        /** When {@code holder} is lost before the descriptor closes, the watch closes it. */
        void held(Fd fd, Object holder, Object name);
    }

    /** Engine's note, as that of a slot: only the engine in charge reads it. */
    public int engineNote;

    private final int number;
    private final Kind kind;
    private final Watch watch;
    private State state = State.OPEN;
    private int inFlight;
    private @Nullable Slot first;
    private @Nullable Completion onClosed;
    private @Nullable CallSite closeSite;

    /** Wraps a descriptor that the caller owns. */
    public Fd(int number, Kind kind, Watch watch) {
        Invariant.check(number >= 0, "a descriptor is not negative");
        this.number = number;
        this.kind = kind;
        this.watch = watch;
    }

    /**
     * Says by what the program holds the descriptor. When the program drops that without a close,
     * it is reported by {@code name}, which must not refer to the holder, and the descriptor
     * closed.
     */
    public void heldBy(Object holder, Object name) {
        watch.held(this, holder, name);
    }

    /** The kernel's number. */
    public int number() {
        return number;
    }

    /** What it refers to. */
    public Kind kind() {
        return kind;
    }

    /** Where it stands. */
    public State state() {
        return state;
    }

    /** True while it takes operations. */
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** Operations submitted and not completed. */
    public int inFlight() {
        return inFlight;
    }

    /** The most recently submitted operation in flight. */
    public @Nullable Slot first() {
        return first;
    }

    /** The one submitted before {@code slot}, still in flight. */
    public static @Nullable Slot after(Slot slot) {
        return slot.nextOfFd;
    }

    /** Notes a submission. */
    public void add(Slot slot) {
        slot.nextOfFd = first;
        slot.previousOfFd = null;
        if (first != null) {
            first.previousOfFd = slot;
        }
        first = slot;
        inFlight++;
    }

    /** Notes a last completion. */
    public void remove(Slot slot) {
        Slot newer = slot.previousOfFd;
        Slot older = slot.nextOfFd;
        if (newer == null) {
            Invariant.check(first == slot, "an operation is listed with its descriptor");
            first = older;
        } else {
            newer.nextOfFd = older;
        }
        if (older != null) {
            older.previousOfFd = newer;
        }
        slot.nextOfFd = null;
        slot.previousOfFd = null;
        inFlight--;
    }

    /** Refuses new work from now on; {@code completion} hears of the close. */
    public void closing(Completion completion) {
        Invariant.check(state == State.OPEN, "a descriptor is closed once");
        state = State.CLOSING;
        onClosed = completion;
        closeSite = CallSite.current();
    }

    /** Takes the close's completion: the close is being submitted. */
    public Completion closed() {
        Invariant.check(state == State.CLOSING && inFlight == 0, "close at zero in flight");
        state = State.CLOSED;
        CallSite.resume(closeSite);
        Completion completion = onClosed;
        onClosed = null;
        return Invariant.present(completion, "a closing descriptor has a completion");
    }

    @Override
    public String toString() {
        return "fd " + number + " " + state + " " + inFlight + " in flight";
    }
}
