package dev.chime.reactor.uring;

import dev.chime.reactor.libc.RestrictionLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/**
 * What a ring may do, as a list of what is allowed: see {@link RingResources#restrict}.
 *
 * <p>A guard against mistakes, and against a part of a program that can reach the ring alone; no
 * guard against native code, which can open a ring of its own. Source: io_uring_register(2),
 * IORING_REGISTER_RESTRICTIONS, 5.10.
 */
public final class Restrictions {
    private static final int ALL_SQE_FLAGS = 0x7f;

    private final BitSet operations = new BitSet();
    private final BitSet registerOperations = new BitSet();
    private int sqeFlags;
    private int requiredSqeFlags;

    /** Allows nothing yet. */
    public Restrictions() {}

    /** Allows operations, by their {@code IORING_OP_*} numbers. */
    public Restrictions operations(int... opcodes) {
        for (int opcode : opcodes) {
            operations.set(checked(opcode));
        }
        return this;
    }

    /** Allows calls of io_uring_register(2), by their {@code IORING_REGISTER_*} numbers. */
    public Restrictions registerOperations(int... numbers) {
        for (int number : numbers) {
            registerOperations.set(checked(number));
        }
        return this;
    }

    private static int checked(int number) {
        if (number < 0 || number > 0xff) {
            throw new IllegalArgumentException("no such operation: " + number);
        }
        return number;
    }

    /** Allows {@code IOSQE_*} bits of entries. */
    public Restrictions sqeFlags(int bits) {
        sqeFlags |= bits;
        return this;
    }

    /** Allows all {@code IOSQE_*} bits of entries. */
    public Restrictions allSqeFlags() {
        return sqeFlags(ALL_SQE_FLAGS);
    }

    /**
     * Demands {@code IOSQE_*} bits of every entry, such as FIXED_FILE (1): registered files only.
     */
    public Restrictions requireSqeFlags(int bits) {
        requiredSqeFlags |= bits;
        return this;
    }

    /** The array of struct io_uring_restriction. */
    MemorySegment table(Arena arena) {
        int flagRows = requiredSqeFlags == 0 ? 1 : 2;
        int rows = operations.cardinality() + registerOperations.cardinality() + flagRows;
        MemorySegment table = arena.allocate((long) rows * RestrictionLayout.SIZE, 4);
        int row = 0;
        for (int op = operations.nextSetBit(0); op >= 0; op = operations.nextSetBit(op + 1)) {
            put(table, row++, RestrictionLayout.SQE_OP, op);
        }
        BitSet numbers = registerOperations;
        for (int op = numbers.nextSetBit(0); op >= 0; op = numbers.nextSetBit(op + 1)) {
            put(table, row++, RestrictionLayout.REGISTER_OP, op);
        }
        put(table, row++, RestrictionLayout.SQE_FLAGS_ALLOWED, sqeFlags);
        if (requiredSqeFlags != 0) {
            put(table, row, RestrictionLayout.SQE_FLAGS_REQUIRED, requiredSqeFlags);
        }
        return table;
    }

    private static void put(MemorySegment table, int row, int kind, int value) {
        long at = (long) row * RestrictionLayout.SIZE;
        table.set(ValueLayout.JAVA_SHORT, at + RestrictionLayout.OPCODE, (short) kind);
        table.set(ValueLayout.JAVA_BYTE, at + RestrictionLayout.VALUE, (byte) value);
    }
}
