package dev.chime.fs;

import dev.chime.reactor.libc.Const;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** How a file is opened: the flags of open(2), to be combined in a set. */
public enum OpenFlag {
    /** Opens for reading. */
    READ(Const.O_RDONLY),
    /** Opens for writing. */
    WRITE(Const.O_WRONLY),
    /** Opens for writing, every write at the end of the file, whatever position it names. */
    APPEND(Const.O_APPEND),
    /** Creates the file when it does not exist. */
    CREATE(Const.O_CREAT),
    /** With {@link #CREATE}: fails with EEXIST when the file exists, even as a dangling link. */
    EXCLUSIVE(Const.O_EXCL),
    /** Empties the file. */
    TRUNCATE(Const.O_TRUNC),
    /**
     * Transfers past the page cache; address, length and position must then be aligned as the file
     * system demands, else EINVAL.
     */
    DIRECT(Const.O_DIRECT),
    /** Every write waits until data and metadata are on the device. */
    SYNC(Const.O_SYNC),
    /** Every write waits until the data is on the device. */
    DSYNC(Const.O_DSYNC),
    /** Fails with ENOTDIR when the path is no directory. */
    DIRECTORY(Const.O_DIRECTORY),
    /** Fails with ELOOP when the path is a symbolic link. */
    NOFOLLOW(Const.O_NOFOLLOW),
    /**
     * Neither the open of a FIFO nor its first read waits for its other end. Reads and writes that
     * would have to wait say EAGAIN in the pool; on the ring they wait, without a thread.
     */
    NONBLOCK(Const.O_NONBLOCK),
    /** Reads leave the access time alone; for the file's owner only. */
    NOATIME(Const.O_NOATIME);

    private static final Map<String, Set<OpenFlag>> NODE = node();

    private final int bits;

    OpenFlag(int bits) {
        this.bits = bits;
    }

    /**
     * The set for one of Node's flag strings, such as {@code "r"}, {@code "w+"} or {@code "ax"}.
     *
     * @throws IllegalArgumentException {@code ERR_INVALID_ARG_VALUE} when there is no such string;
     *     the message lists them
     */
    public static Set<OpenFlag> parse(String nodeFlags) {
        Arguments.notNull(nodeFlags, "flags");
        Set<OpenFlag> flags = NODE.get(nodeFlags);
        if (flags == null) {
            throw new IllegalArgumentException(
                    "ERR_INVALID_ARG_VALUE: flags is '%s': use one of %s"
                            .formatted(nodeFlags, String.join(", ", NODE.keySet())));
        }
        return flags;
    }

    /** The {@code O_*} bits of a set that makes sense. */
    static int bits(Set<OpenFlag> flags) {
        int bits = 0;
        for (OpenFlag flag : flags) {
            bits |= flag.bits;
        }
        boolean writes = flags.contains(WRITE) || flags.contains(APPEND);
        if (writes) {
            bits |= flags.contains(READ) ? Const.O_RDWR : Const.O_WRONLY;
            bits = flags.contains(READ) ? bits & ~Const.O_WRONLY : bits;
        }
        check(writes || flags.contains(READ), flags, "has neither READ nor WRITE nor APPEND");
        check(writes || !flags.contains(TRUNCATE), flags, "has TRUNCATE without WRITE");
        boolean creates = flags.contains(CREATE);
        check(creates || !flags.contains(EXCLUSIVE), flags, "has EXCLUSIVE without CREATE");
        check(!creates || !flags.contains(DIRECTORY), flags, "has CREATE with DIRECTORY");
        return bits;
    }

    private static void check(boolean holds, Set<OpenFlag> flags, String what) {
        if (!holds) {
            throw new IllegalArgumentException("flags " + what + ": " + flags);
        }
    }

    private static Map<String, Set<OpenFlag>> node() {
        Map<String, Set<OpenFlag>> table = new LinkedHashMap<>();
        put(table, "r", READ);
        put(table, "r+", READ, WRITE);
        both(table, "rs", "sr", READ, SYNC);
        both(table, "rs+", "sr+", READ, WRITE, SYNC);
        put(table, "w", WRITE, CREATE, TRUNCATE);
        both(table, "wx", "xw", WRITE, CREATE, TRUNCATE, EXCLUSIVE);
        put(table, "w+", READ, WRITE, CREATE, TRUNCATE);
        both(table, "wx+", "xw+", READ, WRITE, CREATE, TRUNCATE, EXCLUSIVE);
        put(table, "a", APPEND, CREATE);
        both(table, "ax", "xa", APPEND, CREATE, EXCLUSIVE);
        put(table, "a+", READ, APPEND, CREATE);
        both(table, "ax+", "xa+", READ, APPEND, CREATE, EXCLUSIVE);
        both(table, "as", "sa", APPEND, CREATE, SYNC);
        both(table, "as+", "sa+", READ, APPEND, CREATE, SYNC);
        return table;
    }

    /** A string, and the same with its letters turned round, as Node has them. */
    private static void both(
            Map<String, Set<OpenFlag>> table,
            String name,
            String turned,
            OpenFlag first,
            OpenFlag... rest) {
        put(table, name, first, rest);
        put(table, turned, first, rest);
    }

    private static void put(
            Map<String, Set<OpenFlag>> table, String name, OpenFlag first, OpenFlag... rest) {
        table.put(name, Collections.unmodifiableSet(EnumSet.of(first, rest)));
    }
}
