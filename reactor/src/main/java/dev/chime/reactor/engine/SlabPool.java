package dev.chime.reactor.engine;

import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for everything that the kernel reads or writes: chunks of 4, 16, 64 and 256 KiB,
 * used again last in, first out, so that the hot ones stay in the cache.
 *
 * <p>Larger chunks are mapped one by one, and some of them kept when they are free: the first touch
 * of a fresh page costs more than the copy of its content. What is mapped has a limit; at the
 * limit, blocks whose chunks are all free are unmapped, so that one size does not keep out the
 * others. In poison mode a free chunk is filled with a pattern that is checked when it is taken, so
 * that a late write is found.
 */
public final class SlabPool implements Chunk.Home {
    /** Chunks of every size fit into this limit at the same time. */
    public static final long LEAST_LIMIT_BYTES = 4 << 20;

    /** Sizes of the classes in bytes. */
    static final int[] SIZES = {4 << 10, 16 << 10, 64 << 10, 256 << 10};

    /** Chunks of the classes are parts of blocks, which are mapped and unmapped in one piece. */
    public static final int BLOCK_BYTES = 1 << 20;

    private static final int LARGE = -1;
    private static final int PAGE_BYTES = 4 << 10;

    /** Pages of 2 MiB cost a fraction of their 512 small ones, where most of them are touched. */
    private static final int HUGE_BYTES = 4 << 20;

    /** Free large chunks that stay mapped, together. */
    private static final int KEPT_BYTES = 8 << 20;

    private static final byte POISON = (byte) 0xA5;

    /** Memory that is mapped and unmapped in one piece: the home of its chunks. */
    private static final class Block implements Chunk.Home {
        final SlabPool pool;
        final long address;
        int used;

        Block(SlabPool pool, long address) {
            this.pool = pool;
            this.address = address;
        }

        @Override
        public void reclaim(Chunk chunk) {
            used--;
            pool.free(chunk);
        }
    }

    private final Libc libc;
    private final boolean poison;
    private final long maxBytes;
    private final @Nullable Chunk[] free = new @Nullable Chunk[SIZES.length];
    private final List<Block> blocks = new ArrayList<>();
    private final ArrayDeque<Chunk> kept = new ArrayDeque<>();
    private long keptBytes;
    private int inUse;
    private long mappedBytes;
    private long usedBytes;
    private long peakBytes;
    private long scratch;
    private LongConsumer onUnmap = address -> {};
    private boolean closed;

    /** Maps nothing yet, and {@code maxBytes} at the most. */
    public SlabPool(Libc libc, boolean poison, long maxBytes) {
        this.libc = libc;
        this.poison = poison;
        this.maxBytes = maxBytes;
    }

    /**
     * Takes a chunk of at least {@code bytes} with one user, the caller.
     *
     * @throws OutOfMemoryError at the limit, and when the kernel maps no more
     */
    public Chunk allocate(int bytes) {
        Chunk chunk = tryAllocate(bytes);
        if (chunk == null) {
            throw new OutOfMemoryError(refusal(bytes));
        }
        return chunk;
    }

    /** As {@link #allocate}, but null where that throws. */
    public @Nullable Chunk tryAllocate(int bytes) {
        int kind = kindOf(bytes);
        return kind == LARGE ? large(bytes, maxBytes) : small(kind);
    }

    /**
     * Takes 4 KiB for an operation's own arguments, which are bounded by the number of operations:
     * beyond the limit, too.
     *
     * @throws OutOfMemoryError when the kernel maps no more
     */
    public Chunk allocateArguments() {
        Chunk chunk = small(0);
        if (chunk == null) {
            chunk = large(SIZES[0], Long.MAX_VALUE);
        }
        if (chunk == null) {
            throw new OutOfMemoryError(refusal(SIZES[0]));
        }
        return chunk;
    }

    /**
     * The address of 4 KiB for the arguments of a system call that is made at once.
     *
     * @throws OutOfMemoryError when the kernel maps no more
     */
    public long scratch() {
        if (scratch == 0) {
            long address = libc.mmap(SIZES[0]);
            if (address < 0) {
                throw new OutOfMemoryError(refusal(SIZES[0]));
            }
            scratch = address;
        }
        return scratch;
    }

    private String refusal(int bytes) {
        boolean limited = mappedBytes + Math.max(bytes, BLOCK_BYTES) > maxBytes;
        return "no native memory for %d bytes: %d bytes are mapped, %d of them in use, of %d allowed; %s"
                .formatted(
                        bytes,
                        mappedBytes,
                        usedBytes,
                        maxBytes,
                        limited
                                ? "release buffers, or raise maxNativeBytes (-Dchime.maxNativeBytes)"
                                : "the kernel maps no more: raise the memory limit (`ulimit -v`, the"
                                        + " container's) or the sysctl vm.max_map_count");
    }

    private static int kindOf(int bytes) {
        for (int kind = 0; kind < SIZES.length; kind++) {
            if (bytes <= SIZES[kind]) {
                return kind;
            }
        }
        return LARGE;
    }

    private @Nullable Chunk small(int kind) {
        Chunk chunk = free[kind];
        if (chunk == null) {
            chunk = map(kind);
            if (chunk == null) {
                return null;
            }
        }
        free[kind] = chunk.next;
        chunk.next = null;
        if (poison) {
            checkPoison(chunk);
        }
        ((Block) chunk.home()).used++;
        return taken(chunk);
    }

    private @Nullable Chunk large(int bytes, long limit) {
        Chunk free = bytes <= KEPT_BYTES ? takeKept(bytes) : null;
        if (free != null) {
            return taken(free);
        }
        // Whole pages are mapped anyway; the largest int has none behind it.
        int size = (int) Math.min((bytes + PAGE_BYTES - 1L) & -PAGE_BYTES, Integer.MAX_VALUE);
        long address = mmap(size, limit);
        return address == 0 ? null : taken(new Chunk(this, LARGE, address, size));
    }

    /** The chunk that was freed last among those that fit without wasting more than they hold. */
    private @Nullable Chunk takeKept(int bytes) {
        for (Iterator<Chunk> each = kept.iterator(); each.hasNext(); ) {
            Chunk chunk = each.next();
            if (chunk.size() >= bytes && chunk.size() / 2 <= bytes) {
                each.remove();
                keptBytes -= chunk.size();
                if (poison) {
                    checkPoison(chunk);
                }
                return chunk;
            }
        }
        return null;
    }

    private Chunk taken(Chunk chunk) {
        chunk.retain();
        inUse++;
        usedBytes += chunk.size();
        peakBytes = Math.max(peakBytes, usedBytes);
        return chunk;
    }

    private @Nullable Chunk map(int kind) {
        int size = SIZES[kind];
        long address = mmap(BLOCK_BYTES, maxBytes);
        if (address == 0) {
            return null;
        }
        Block block = new Block(this, address);
        blocks.add(block);
        for (int at = BLOCK_BYTES - size; at >= 0; at -= size) {
            Chunk chunk = new Chunk(block, kind, address + at, size);
            chunk.next = free[kind];
            free[kind] = chunk;
            if (poison) {
                Memory.fill(chunk.address(), size, POISON);
            }
        }
        return free[kind];
    }

    /** The address, or 0 when the limit or the kernel does not allow so much. */
    private long mmap(long bytes, long limit) {
        if (bytes > limit - mappedBytes) {
            trim();
            if (bytes > limit - mappedBytes) {
                return 0;
            }
        }
        long address = libc.mmap(bytes);
        if (address < 0) {
            trim();
            address = libc.mmap(bytes);
        }
        if (address < 0) {
            return 0;
        }
        mappedBytes += bytes;
        if (bytes >= HUGE_BYTES) {
            libc.preferHugePages(address, bytes);
        }
        return address;
    }

    private void unmap(Chunk chunk) {
        libc.munmap(chunk.address(), chunk.size());
        mappedBytes -= chunk.size();
    }

    private void unmapKept() {
        if (poison) {
            kept.forEach(this::checkPoison);
        }
        kept.forEach(this::unmap);
        kept.clear();
        keptBytes = 0;
    }

    /** Unmaps free large chunks, and the blocks that nobody uses a chunk of. */
    private void trim() {
        unmapKept();
        if (blocks.stream().allMatch(block -> block.used > 0)) {
            return;
        }
        for (int kind = 0; kind < SIZES.length; kind++) {
            Chunk kept = null;
            Chunk first = null;
            for (Chunk chunk = free[kind]; chunk != null; ) {
                Chunk next = chunk.next;
                chunk.next = null;
                if (((Block) chunk.home()).used == 0) {
                    if (poison) {
                        checkPoison(chunk);
                    }
                } else if (kept == null) {
                    first = chunk;
                    kept = chunk;
                } else {
                    kept.next = chunk;
                    kept = chunk;
                }
                chunk = next;
            }
            free[kind] = first;
        }
        blocks.removeIf(block -> {
            if (block.used == 0) {
                onUnmap.accept(block.address);
                libc.munmap(block.address, BLOCK_BYTES);
                mappedBytes -= BLOCK_BYTES;
            }
            return block.used == 0;
        });
    }

    private void checkPoison(Chunk chunk) {
        for (int i = 0; i < chunk.size(); i += 64) {
            Invariant.check(
                    Memory.getByte(chunk.address() + i) == POISON,
                    "nobody writes into a free buffer");
        }
    }

    /** A large chunk comes back. */
    @Override
    public void reclaim(Chunk chunk) {
        inUse--;
        usedBytes -= chunk.size();
        if (closed || chunk.size() > KEPT_BYTES - keptBytes) {
            unmap(chunk);
            return;
        }
        if (poison) {
            Memory.fill(chunk.address(), chunk.size(), POISON);
        }
        kept.push(chunk);
        keptBytes += chunk.size();
    }

    private void free(Chunk chunk) {
        inUse--;
        usedBytes -= chunk.size();
        if (poison) {
            Memory.fill(chunk.address(), chunk.size(), POISON);
        }
        chunk.next = free[chunk.id()];
        free[chunk.id()] = chunk;
    }

    /** The address of the block that holds a range, or 0. */
    public long blockOf(long address, int length) {
        for (Block block : blocks) {
            long offset = address - block.address;
            if (offset >= 0 && offset <= BLOCK_BYTES - length) {
                return block.address;
            }
        }
        return 0;
    }

    /** Tells of the address of each block that is about to be unmapped before {@link #close}. */
    public void onUnmap(LongConsumer listener) {
        onUnmap = listener;
    }

    /** Chunks taken and not given back. */
    public int inUse() {
        return inUse;
    }

    /** Native memory held, in bytes. */
    public long mappedBytes() {
        return mappedBytes;
    }

    /** Bytes of the chunks taken and not given back. */
    public long usedBytes() {
        return usedBytes;
    }

    /** The most that {@link #usedBytes} has been. */
    public long peakBytes() {
        return peakBytes;
    }

    /** The most that may be mapped, in bytes. */
    public long maxBytes() {
        return maxBytes;
    }

    /** Unmaps everything but large chunks still in use: their last user does. */
    public void close() {
        closed = true;
        unmapKept();
        for (Block block : blocks) {
            libc.munmap(block.address, BLOCK_BYTES);
        }
        blocks.clear();
        if (scratch != 0) {
            libc.munmap(scratch, SIZES[0]);
            scratch = 0;
        }
    }
}
