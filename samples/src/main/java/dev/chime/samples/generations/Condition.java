package dev.chime.samples.generations;

/** What the kernel has, and knows, of the file before a run. */
enum Condition {
    /** Nothing of it is in the page cache. */
    COLD("cold"),
    /** Nothing of it is in the page cache, and posix_fadvise(2) has announced random reads. */
    COLD_RANDOM("cold, RANDOM"),
    /** All of it is in the page cache. */
    CACHED("cached");

    private final String text;

    Condition(String text) {
        this.text = text;
    }

    /** As the table and the plot write it. */
    String text() {
        return text;
    }
}
