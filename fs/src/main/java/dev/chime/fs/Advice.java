package dev.chime.fs;

/** What a program will do with a range of a file: the advice of posix_fadvise(2). */
public enum Advice {
    /** Nothing in particular: read-ahead as by default. */
    NORMAL(0),
    /** Reads here and there: no read-ahead. */
    RANDOM(1),
    /** Reads from front to back: more read-ahead. */
    SEQUENTIAL(2),
    /** Reads soon: the kernel starts to fetch the range now. */
    WILLNEED(3),
    /** Does not read soon: the page cache drops what is written back of the range. */
    DONTNEED(4),
    /** Reads once only. */
    NOREUSE(5);

    final int number;

    Advice(int number) {
        this.number = number;
    }
}
