package dev.chime.reactor.engine;

import org.jspecify.annotations.Nullable;

/**
 * A piece of native memory with a count of its users; loop thread only.
 *
 * <p>It goes back to its home, to be used again, when the last user has released it.
 */
public final class Chunk {
    /** Who gets a chunk back when nobody uses it. */
    public interface Home {
        /** Takes the chunk, whose count is zero. */
        void reclaim(Chunk chunk);
    }

    private final long address;
    private final int size;
    private final Home home;
    private final int id;
    private int users;
    @Nullable Chunk next;

    /** Describes memory that {@code home} owns. */
    public Chunk(Home home, int id, long address, int size) {
        this.home = home;
        this.id = id;
        this.address = address;
        this.size = size;
    }

    /** The first byte's address. */
    public long address() {
        return address;
    }

    /** The size in bytes. */
    public int size() {
        return size;
    }

    /** Who gets it back. */
    Home home() {
        return home;
    }

    /** What the home knows it by. */
    public int id() {
        return id;
    }

    /** How many use it. */
    public int users() {
        return users;
    }

    /** Adds a user. */
    public void retain() {
        users++;
    }

    /** Ends one use. */
    public void release() {
        Invariant.check(users > 0, "a chunk is released as often as it is retained");
        if (--users == 0) {
            home.reclaim(this);
        }
    }
}
