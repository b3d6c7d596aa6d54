package dev.chime.reactor.engine;

import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for everything that the kernel reads or writes: chunks of 4, 16, 64 and 256 KiB,
 * used again last in, first out, so that the hot ones stay in the cache.
 *
 * <p>Larger chunks are mapped one by one. In poison mode a free chunk is filled with a pattern that
 * is checked when it is taken, so that a late write is found.
 */
public final class SlabPool implements Chunk.Home {
    /** Sizes of the classes in bytes. */
    static final int[] SIZES = {4 << 10, 16 << 10, 64 << 10, 256 << 10};

    private static final int BLOCK_BYTES = 1 << 20;
    private static final int LARGE = -1;
    private static final byte POISON = (byte) 0xA5;

    private record Block(long address, long length) {}

    private final Libc libc;
    private final boolean poison;
    private final @Nullable Chunk[] free = new @Nullable Chunk[SIZES.length];
    private final List<Block> blocks = new ArrayList<>();
    private int inUse;
    private long mappedBytes;

    /** Maps nothing yet. */
    public SlabPool(Libc libc, boolean poison) {
        this.libc = libc;
        this.poison = poison;
    }

    /**
     * Takes a chunk of at least {@code bytes} with one user, the caller.
     *
     * @throws OutOfMemoryError when the kernel maps no more
     */
    public Chunk allocate(int bytes) {
        int kind = kindOf(bytes);
        Chunk chunk = kind == LARGE ? large(bytes) : small(kind);
        chunk.retain();
        inUse++;
        return chunk;
    }

    private static int kindOf(int bytes) {
        for (int kind = 0; kind < SIZES.length; kind++) {
            if (bytes <= SIZES[kind]) {
                return kind;
            }
        }
        return LARGE;
    }

    private Chunk small(int kind) {
        Chunk chunk = free[kind];
        if (chunk == null) {
            chunk = map(kind);
        }
        free[kind] = chunk.next;
        chunk.next = null;
        if (poison) {
            checkPoison(chunk);
        }
        return chunk;
    }

    private Chunk large(int bytes) {
        long address = mmap(bytes);
        return new Chunk(this, LARGE, address, bytes);
    }

    private Chunk map(int kind) {
        int size = SIZES[kind];
        long address = mmap(BLOCK_BYTES);
        blocks.add(new Block(address, BLOCK_BYTES));
        for (int at = BLOCK_BYTES - size; at >= 0; at -= size) {
            Chunk chunk = new Chunk(this, kind, address + at, size);
            chunk.next = free[kind];
            free[kind] = chunk;
            if (poison) {
                Memory.fill(chunk.address(), size, POISON);
            }
        }
        return Invariant.present(free[kind], "a block holds a chunk");
    }

    private long mmap(long bytes) {
        long address = libc.mmap(bytes);
        if (address < 0) {
            throw new OutOfMemoryError(
                    "mmap of " + bytes + " bytes for buffers: errno " + -address);
        }
        mappedBytes += bytes;
        return address;
    }

    private void checkPoison(Chunk chunk) {
        for (int i = 0; i < chunk.size(); i += 64) {
            Invariant.check(
                    Memory.getByte(chunk.address() + i) == POISON,
                    "nobody writes into a free buffer");
        }
    }

    @Override
    public void reclaim(Chunk chunk) {
        inUse--;
        if (chunk.id() == LARGE) {
            libc.munmap(chunk.address(), chunk.size());
            mappedBytes -= chunk.size();
            return;
        }
        if (poison) {
            Memory.fill(chunk.address(), chunk.size(), POISON);
        }
        chunk.next = free[chunk.id()];
        free[chunk.id()] = chunk;
    }

    /** Chunks taken and not given back. */
    public int inUse() {
        return inUse;
    }

    /** Native memory held, in bytes. */
    public long mappedBytes() {
        return mappedBytes;
    }

    /** Unmaps everything but large chunks still in use: their last user does. */
    public void close() {
        for (Block block : blocks) {
            libc.munmap(block.address(), block.length());
        }
        blocks.clear();
    }
}
