package dev.chime.fs;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.DirentLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import java.util.List;

/** Reads the entries of an open directory, a large buffer at a time. */
final class Listing {
    /** About 2000 entries: a directory of more is read in several steps. */
    static final int BUFFER_BYTES = 64 << 10;

    /** About what an entry with a short name takes. */
    static final int ENTRY_BYTES = 32;

    /** How many types are asked for at once, where the file system does not tell them. */
    private static final int QUESTIONS_AT_ONCE = 32;

    /** How a directory is opened that was named by the user: by way of links. */
    static final int OPEN_NAMED = Const.O_RDONLY | Const.O_DIRECTORY | Const.O_CLOEXEC;

    /** How a directory is opened that was found in another one: never by way of a link. */
    static final int OPEN_FOUND = OPEN_NAMED | Const.O_NOFOLLOW;

    /** Takes entries, as the kernel has them. */
    interface Sink {
        /** The name's bytes, and its type, one of {@code DT_*}. */
        void entry(byte[] name, int type);
    }

    /** Hears of a batch's end. */
    interface Batch {
        /** Positive when there may be more, 0 at the end, else an error. */
        void done(int result);
    }

    private Listing() {}

    /** Reads the next entries of a directory. */
    static void next(Steps host, int fd, Sink sink, Batch then) {
        Chunk chunk = host.core().allocate(BUFFER_BYTES);
        Slot list =
                host.step(
                        Op.GETDENTS,
                        (slot, result) -> {
                            try {
                                parse(chunk.address(), result, sink);
                            } finally {
                                chunk.release();
                            }
                            then.done(isLast(result, BUFFER_BYTES) ? 0 : result);
                        });
        list.fd = fd;
        fill(list, chunk);
        host.submit(list);
    }

    static void fill(Slot list, Chunk chunk) {
        list.address = chunk.address();
        list.length = chunk.size();
    }

    /** Whether a batch of so many bytes ended because there was no more. */
    static boolean isLast(int result, int room) {
        return result >= 0 && room - result >= DirentLayout.ROOM;
    }

    /** Hands over what the kernel wrote, without the names of the directory and its parent. */
    static void parse(long address, int bytes, Sink sink) {
        for (long at = address; at < address + bytes; ) {
            int record = Short.toUnsignedInt(Memory.getShort(at + DirentLayout.D_RECLEN));
            long name = at + DirentLayout.D_NAME;
            int length = 0;
            while (Memory.getByte(name + length) != 0) {
                length++;
            }
            byte[] copy = new byte[length];
            Memory.copy(name, copy, 0, length);
            if (!isDots(copy)) {
                sink.entry(copy, Memory.getByte(at + DirentLayout.D_TYPE));
            }
            at += record;
        }
    }

    private static boolean isDots(byte[] name) {
        return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
    }

    /** Asks for the types that the directory did not tell, then goes on. */
    static void types(Steps host, List<Dirent> entries, Runnable then) {
        new Types(host, entries, then).pump();
    }

    /** The metadata of each entry of an unknown type, several at a time. */
    private static final class Types {
        final Steps host;
        final List<Dirent> entries;
        final Runnable then;
        int next;
        int asked;

        Types(Steps host, List<Dirent> entries, Runnable then) {
            this.host = host;
            this.entries = entries;
            this.then = then;
        }

        void pump() {
            for (; next < entries.size() && asked < QUESTIONS_AT_ONCE && !host.halted(); next++) {
                if (entries.get(next).type() == FileType.UNKNOWN) {
                    ask(next);
                }
            }
            if (asked == 0) {
                then.run();
            }
        }

        void ask(int index) {
            asked++;
            Dirent entry = entries.get(index);
            Slot stat =
                    host.step(
                            Op.STATX,
                            (slot, result) -> {
                                asked--;
                                if (result == 0) {
                                    FileType type = FileType.ofMode(Stats.type(slot.scratch));
                                    entries.set(index, entry.as(type));
                                }
                                pump();
                            });
            stat.fd = Const.AT_FDCWD;
            stat.flags = Const.AT_SYMLINK_NOFOLLOW;
            stat.length = StatxLayout.STATX_TYPE;
            stat.offset = stat.scratch;
            NativePath.put(host.core(), stat, entry.path(), StatxLayout.SIZE);
            host.submit(stat);
        }
    }
}
