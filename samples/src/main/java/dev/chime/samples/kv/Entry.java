package dev.chime.samples.kv;

import org.jspecify.annotations.Nullable;

/** Where a key's newest record is: in a batch that is not on the disk yet, then in the log. */
final class Entry {
    final Key key;
    final boolean deleted;

    /** Bytes of the whole record. */
    final int length;

    /** The batch it waits in; null once it is on the disk. */
    @Nullable Batch batch;

    /** What holds until this is on the disk. */
    @Nullable Entry previous;

    /** Where the record starts in the log. */
    long position;

    /** Where it starts in the log that a compaction is writing. */
    long copiedTo;

    Entry(Key key, boolean deleted, int length) {
        this.key = key;
        this.deleted = deleted;
        this.length = length;
    }

    /** The newest that is on the disk: this one, or one before it; null when there is none. */
    static @Nullable Entry durable(@Nullable Entry newest) {
        Entry entry = newest;
        while (entry != null && entry.batch != null) {
            entry = entry.previous;
        }
        return entry;
    }

    int valueLength() {
        return deleted ? 0 : length - LogFormat.RECORD_HEAD_BYTES - key.bytes().length;
    }
}
