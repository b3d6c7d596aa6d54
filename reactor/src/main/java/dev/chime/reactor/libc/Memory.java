package dev.chime.reactor.libc;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Raw native memory by address.
 *
 * <p>One segment spans the whole address space, so an access costs what a C load or store costs.
 * Nothing is checked here: callers own the bounds, and check them where memory is lent and where it
 * comes back. Addresses are absolute; lengths are bytes.
 */
public final class Memory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final ValueLayout.OfShort SHORT_BE =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Memory() {}

    /** Reads one byte. */
    public static byte getByte(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    /** Writes one byte. */
    public static void putByte(long address, byte value) {
        ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }

    /** Reads a 16-bit value in native order; need not be aligned. */
    public static short getShort(long address) {
        return ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
    }

    /** Writes a 16-bit value in native order; need not be aligned. */
    public static void putShort(long address, short value) {
        ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, value);
    }

    /** Reads a 16-bit value in network order, as a port number. */
    public static int getPort(long address) {
        return Short.toUnsignedInt(ALL.get(SHORT_BE, address));
    }

    /** Writes a port number in network order. */
    public static void putPort(long address, int port) {
        ALL.set(SHORT_BE, address, (short) port);
    }

    /** Reads a 32-bit value; need not be aligned. */
    public static int getInt(long address) {
        return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    /** Writes a 32-bit value; need not be aligned. */
    public static void putInt(long address, int value) {
        ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    /** Reads a 64-bit value; need not be aligned. */
    public static long getLong(long address) {
        return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    /** Writes a 64-bit value; need not be aligned. */
    public static void putLong(long address, long value) {
        ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    /** Reads an aligned 32-bit value that the kernel publishes. */
    public static int getIntAcquire(long address) {
        return (int) INT.getAcquire(ALL, address);
    }

    /** Publishes an aligned 32-bit value to the kernel, after all stores before it. */
    public static void putIntRelease(long address, int value) {
        INT.setRelease(ALL, address, value);
    }

    /** Publishes an aligned 16-bit value to the kernel, after all stores before it. */
    public static void putShortRelease(long address, short value) {
        VarHandle.releaseFence();
        putShort(address, value);
    }

    /** Sets {@code length} bytes to {@code value}. */
    public static void fill(long address, long length, byte value) {
        ALL.asSlice(address, length).fill(value);
    }

    /** Copies between two native places, which may overlap. */
    public static void copy(long from, long to, long length) {
        MemorySegment.copy(ALL, from, ALL, to, length);
    }

    /** Copies from the heap to native memory. */
    public static void copy(byte[] from, int offset, long to, int length) {
        MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, to, length);
    }

    /** Copies from native memory to the heap. */
    public static void copy(long from, byte[] to, int offset, int length) {
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, offset, length);
    }

    /** Copies {@code length} bytes from {@code from}, starting at its position, which stays. */
    public static void copy(ByteBuffer from, int offset, long to, int length) {
        MemorySegment source = MemorySegment.ofBuffer(from);
        MemorySegment.copy(source, offset, ALL, to, length);
    }

    /**
     * Writes {@code text} as UTF-8 with a terminating NUL.
     *
     * @return the bytes written, the NUL included, or -1 when {@code capacity} does not hold them
     */
    public static int putCString(long address, String text, int capacity) {
        // A char is at most three bytes in UTF-8: most strings need no exact count.
        if (text.length() >= capacity / 3) {
            int exact = text.getBytes(StandardCharsets.UTF_8).length + 1;
            if (exact > capacity) {
                return -1;
            }
            ALL.setString(address, text, StandardCharsets.UTF_8);
            return exact;
        }
        ALL.setString(address, text, StandardCharsets.UTF_8);
        return text.length() * 3 + 1;
    }

    /** A view of native memory, in native lifetime as {@link #view}. */
    public static MemorySegment segment(long address, long length) {
        return ALL.asSlice(address, length);
    }

    /**
     * A view of native memory as a direct buffer in native lifetime: the caller keeps the memory
     * alive for as long as the view is used.
     */
    public static ByteBuffer view(long address, int length) {
        return ALL.asSlice(address, length).asByteBuffer();
    }
}
