package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Memory;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A regular file: sparse pages as programs see them, and as they are on the disk.
 *
 * <p>A sync that fails leaves its pages readable but no longer due for writing, as Linux does: a
 * later sync succeeds without them.
 */
final class SimRegular extends SimNode {
    static final int PAGE = 4096;

    private final TreeMap<Long, byte[]> pages = new TreeMap<>();
    private final TreeMap<Long, byte[]> durablePages = new TreeMap<>();
    private final TreeSet<Long> dirty = new TreeSet<>();
    private long size;
    private long durableSize;
    private boolean sizeDirty;

    SimRegular(long inode, int mode, long now) {
        super(inode, mode, now);
    }

    @Override
    long size() {
        return size;
    }

    @Override
    long allocated() {
        return (long) pages.size() * PAGE;
    }

    /** The bytes that it takes, holes and the rest of the last page left out. */
    long taken() {
        return taken(0, 0);
    }

    /** The bytes that it would take once {@code count} more were written from a place on. */
    long taken(long at, long count) {
        long more = 0;
        for (long page = at / PAGE; page * PAGE < at + count; page++) {
            more += pages.containsKey(page) ? 0 : 1;
        }
        long end = count == 0 ? size : Math.max(size, at + count);
        return Math.min(end, (pages.size() + more) * PAGE);
    }

    /** Copies to native memory; how many bytes there were. */
    int read(long at, long address, int length) {
        int count = (int) Math.max(0, Math.min(length, size - at));
        for (int done = 0; done < count; ) {
            long page = (at + done) / PAGE;
            int from = (int) ((at + done) % PAGE);
            int bytes = Math.min(PAGE - from, count - done);
            byte[] content = pages.get(page);
            if (content == null) {
                Memory.fill(address + done, bytes, (byte) 0);
            } else {
                Memory.copy(content, from, address + done, bytes);
            }
            done += bytes;
        }
        return count;
    }

    /** Copies from native memory, extending the file. */
    void write(long at, long address, int length) {
        for (int done = 0; done < length; ) {
            long page = (at + done) / PAGE;
            int to = (int) ((at + done) % PAGE);
            int bytes = Math.min(PAGE - to, length - done);
            byte[] content = pages.computeIfAbsent(page, none -> new byte[PAGE]);
            Memory.copy(address + done, content, to, bytes);
            dirty.add(page);
            done += bytes;
        }
        if (length > 0 && at + length > size) {
            size = at + length;
            sizeDirty = true;
        }
    }

    /** Copies bytes to another file, or elsewhere in this one; holes become zeros. */
    void copyTo(SimRegular target, long from, long to, int length) {
        for (int done = 0; done < length; ) {
            int start = (int) ((from + done) % PAGE);
            int end = (int) ((to + done) % PAGE);
            int bytes = Math.min(Math.min(PAGE - start, PAGE - end), length - done);
            byte[] source = pages.get((from + done) / PAGE);
            long page = (to + done) / PAGE;
            byte[] copy = target.pages.computeIfAbsent(page, none -> new byte[PAGE]);
            if (source == null) {
                Arrays.fill(copy, end, end + bytes, (byte) 0);
            } else {
                System.arraycopy(source, start, copy, end, bytes);
            }
            target.dirty.add(page);
            done += bytes;
        }
        if (length > 0 && to + length > target.size) {
            target.setSize(to + length);
        }
    }

    /** Copies a whole content in. */
    void replace(byte[] content) {
        truncate();
        for (int at = 0; at < content.length; at += PAGE) {
            byte[] page = new byte[PAGE];
            System.arraycopy(content, at, page, 0, Math.min(PAGE, content.length - at));
            pages.put((long) at / PAGE, page);
            dirty.add((long) at / PAGE);
        }
        size = content.length;
        sizeDirty = true;
    }

    /** The whole content. */
    byte[] content() {
        byte[] all = new byte[Math.toIntExact(size)];
        pages.forEach((page, content) -> {
            long at = page * PAGE;
            if (at < size) {
                System.arraycopy(content, 0, all, (int) at, (int) Math.min(PAGE, size - at));
            }
        });
        return all;
    }

    void truncate() {
        setSize(0);
    }

    /** Cuts the file, or lets it end with a hole. */
    void setSize(long to) {
        if (to < size) {
            clear(to, size);
        }
        sizeDirty |= size != to;
        size = to;
    }

    /** Makes zeros from one place to another; whole pages become holes. */
    void clear(long from, long to) {
        if (to <= from) {
            return;
        }
        long first = from / PAGE;
        NavigableMap<Long, byte[]> within = pages.subMap(first, true, (to - 1) / PAGE, true);
        for (Iterator<Map.Entry<Long, byte[]>> it = within.entrySet().iterator(); it.hasNext(); ) {
            Map.Entry<Long, byte[]> page = it.next();
            long start = page.getKey() * PAGE;
            dirty.add(page.getKey());
            if (start >= from && Math.min(start + PAGE, size) <= to) {
                it.remove();
            } else {
                int low = (int) Math.max(0, from - start);
                Arrays.fill(page.getValue(), low, (int) Math.min(PAGE, to - start), (byte) 0);
            }
        }
    }

    /** Takes disk space for what is a hole there. */
    void allocate(long from, long to) {
        for (long page = from / PAGE; page * PAGE < to; page++) {
            if (pages.putIfAbsent(page, new byte[PAGE]) == null) {
                dirty.add(page);
            }
        }
    }

    /** Where, from a place on, data is, or a hole; negative when there is none. */
    long seek(long from, boolean data) {
        for (long at = from; at < size; at = (at / PAGE + 1) * PAGE) {
            Long page = data ? pages.ceilingKey(at / PAGE) : (Long) (at / PAGE);
            if (page == null || page * PAGE >= size) {
                return -1;
            }
            if (pages.containsKey(page) == data) {
                return Math.max(from, page * PAGE);
            }
        }
        return data || from > size ? -1 : size;
    }

    /** Brings what is due to the disk. */
    void sync() {
        for (long page : dirty) {
            byte[] content = pages.get(page);
            if (content == null) {
                durablePages.remove(page);
            } else {
                durablePages.put(page, content.clone());
            }
        }
        if (sizeDirty) {
            durableSize = size;
        }
        syncFailed();
    }

    /** Nothing is due any more, although nothing was written. */
    void syncFailed() {
        dirty.clear();
        sizeDirty = false;
    }

    /** What a power cut leaves: of each page and of the size the old or, when due, the new. */
    SimRegular afterPowerCut(SplittableRandom random) {
        SimRegular left = new SimRegular(inode, mode, 0);
        left.likeness(this);
        left.size = sizeDirty && random.nextBoolean() ? size : durableSize;
        TreeMap<Long, byte[]> kept = new TreeMap<>(durablePages);
        for (long page : dirty) {
            if (random.nextBoolean()) {
                byte[] content = pages.get(page);
                if (content == null) {
                    kept.remove(page);
                } else {
                    kept.put(page, content);
                }
            }
        }
        kept.forEach((page, content) -> {
            if (page * PAGE < left.size) {
                byte[] copy = content.clone();
                int valid = (int) Math.min(PAGE, left.size - page * PAGE);
                Arrays.fill(copy, valid, PAGE, (byte) 0);
                left.pages.put(page, copy);
                left.dirty.add(page);
            }
        });
        left.sizeDirty = true;
        left.sync();
        return left;
    }
}
