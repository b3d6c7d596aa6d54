package dev.chime.reactor;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.libc.Memory;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A piece of native memory that the kernel reads and writes directly. Loop thread only.
 *
 * <p>A buffer that a callback receives is the callback's until it returns; {@link #retain} keeps it
 * longer, and each {@code retain} asks for one {@link #release}. One from {@link Reactor#buffer} is
 * the caller's until released. {@code write} and {@code pipe} retain for themselves, so a buffer
 * may be released right after them, but not changed before they are done. Use after the last
 * release throws {@link IllegalStateException}.
 */
public final class Buffer {
    private final Buffers home;
    private @Nullable Chunk chunk;
    private long address;
    private int length;
    private int users;
    @Nullable Buffer next;

    Buffer(Buffers home) {
        this.home = home;
    }

    void open(Chunk memory, int offset, int bytes) {
        chunk = memory;
        address = memory.address() + offset;
        length = bytes;
        users = 1;
    }

    private long at(int index, int bytes) {
        if (users == 0) {
            throw new IllegalStateException(
                    "this buffer has been released: retain() it to keep it after the callback");
        }
        Objects.checkFromIndexSize(index, bytes, length);
        return address + index;
    }

    /** How many bytes it holds. */
    public int length() {
        at(0, 0);
        return length;
    }

    /** The byte at {@code index}. */
    public byte get(int index) {
        return Memory.getByte(at(index, 1));
    }

    /** Sets the byte at {@code index}. */
    public void set(int index, byte value) {
        Memory.putByte(at(index, 1), value);
    }

    /** Copies {@code bytes} of {@code from}, starting at {@code offset}, to {@code index} here. */
    public void put(int index, byte[] from, int offset, int bytes) {
        Objects.checkFromIndexSize(offset, bytes, from.length);
        Memory.copy(from, offset, at(index, bytes), bytes);
    }

    /** Copies {@code bytes} from {@code index} here to {@code offset} in {@code to}. */
    public void get(int index, byte[] to, int offset, int bytes) {
        Objects.checkFromIndexSize(offset, bytes, to.length);
        Memory.copy(at(index, bytes), to, offset, bytes);
    }

    /** A copy of the bytes. */
    public byte[] toArray() {
        byte[] copy = new byte[length()];
        get(0, copy, 0, copy.length);
        return copy;
    }

    /** The bytes as text. */
    public String toString(Charset charset) {
        return new String(toArray(), charset);
    }

    /** A view of the bytes: valid as long as this buffer is, and not checked after that. */
    public ByteBuffer asByteBuffer() {
        return Memory.view(at(0, 0), length);
    }

    /** A buffer of its own over a part of the same memory; the caller releases it. */
    public Buffer slice(int index, int bytes) {
        at(index, bytes);
        Chunk memory = memory();
        memory.retain();
        int offset = (int) (address - memory.address()) + index;
        return home.wrap(memory, offset, bytes, "Buffer.slice");
    }

    /** Keeps it until one more {@link #release}. */
    public Buffer retain() {
        at(0, 0);
        users++;
        return this;
    }

    /** Ends one use; after the last one the memory goes back to the reactor. */
    public void release() {
        at(0, 0);
        if (--users == 0) {
            Chunk memory = memory();
            chunk = null;
            address = 0;
            length = 0;
            memory.release();
            home.reclaim(this);
        }
    }

    long address() {
        return at(0, 0);
    }

    private Chunk memory() {
        Chunk memory = chunk;
        if (memory == null) {
            throw new AssertionError("a buffer in use has memory");
        }
        return memory;
    }

    /** The bytes' place, or that it was released; the content needs {@link #toString(Charset)}. */
    @Override
    public String toString() {
        return users == 0 ? "Buffer[released]" : "Buffer[" + length + " bytes]";
    }
}
