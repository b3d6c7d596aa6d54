package dev.chime.samples.generations;

/**
 * The numbers from 0 to {@code count - 1}, each once, in an order without a pattern that is the
 * same in every run: a cold block is read from the device at most once.
 */
record RandomOrder(long count) {
    private static final long FIRST_FACTOR = 0x9E3779B97F4A7C15L;
    private static final long SECOND_FACTOR = 0xD6E8FEB86659FD93L;

    /** The number at {@code index}, which goes round behind the last. */
    long at(long index) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(count - 1);
        long number = index % count;
        do { // a permutation of the power of two: what lies beyond the count is permuted on
            number = permuted(number, bits);
        } while (number >= count);
        return number;
    }

    /**
     * Each step can be undone: products with odd numbers, and shifts that are added to the rest.
     */
    private static long permuted(long number, int bits) {
        long mask = (1L << bits) - 1;
        int shift = Math.max(1, bits / 2);
        long mixed = (number * FIRST_FACTOR + SECOND_FACTOR) & mask;
        mixed ^= mixed >>> shift;
        mixed = (mixed * SECOND_FACTOR) & mask;
        mixed ^= mixed >>> shift;
        return (mixed * FIRST_FACTOR) & mask;
    }
}
