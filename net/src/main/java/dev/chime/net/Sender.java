package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.WriteQueue;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the head of a write queue as one send: buffers where they lie, gathered when there are
 * several, and arrays through a staging chunk, or at the memory limit through the slot's own 512
 * bytes. One send is in flight at a time: two could overtake each other once the socket's buffer is
 * full.
 */
final class Sender {
    private static final int STAGE_BYTES = 64 << 10;
    private static final int LARGE_STAGE_BYTES = 256 << 10;
    private static final int IOVECS_AT = 64;
    private static final int MAX_IOVECS = (Slot.SCRATCH_BYTES - IOVECS_AT) / IovecLayout.SIZE;

    private final Core core;
    private @Nullable Chunk stage;
    private int stageOffset;
    private int stageEnd;
    private @Nullable Passing passing;

    Sender(Core core) {
        this.core = core;
    }

    /** Fills and submits a send of the queue's first data; the queue starts with data. */
    void send(WriteQueue queue, Fd fd, Completion completion, Object context) {
        Slot slot = core.slot(Op.SEND, completion);
        Object first = queue.item(0);
        if (stage == null && first instanceof Passing handles && queue.offset(0) == 0) {
            pass(handles, slot);
        } else if (stage != null || first instanceof byte[] || first instanceof Passing) {
            stage(queue, slot);
        } else {
            gather(queue, slot);
        }
        slot.owner = fd;
        slot.flags = Const.MSG_NOSIGNAL;
        slot.context = context;
        slot.keepsAlive = false;
        core.submit(slot);
    }

    /** The kernel took {@code count} bytes of the last send. */
    void sent(int count) {
        if (passing != null) {
            passing.close();
            passing = null;
        }
        if (stage != null) {
            stageOffset += count;
            if (stageOffset == stageEnd) {
                release();
            }
        }
    }

    /** Gives the staging memory back; nothing may be in flight. */
    void release() {
        if (stage != null) {
            stage.release();
            stage = null;
        }
    }

    /** A message of its own, since its descriptors belong to its first byte. */
    private void pass(Passing handles, Slot slot) {
        Chunk chunk = core.allocateArguments();
        stage = chunk;
        passing = handles;
        stageOffset = Handles.HEAD_BYTES;
        stageEnd = stageOffset + handles.encode(chunk.address(), chunk.size());
        slot.become(Op.SENDMSG);
        slot.address = chunk.address();
        slot.length = 1;
    }

    private void stage(WriteQueue queue, Slot slot) {
        Chunk chunk = stage;
        if (chunk == null) {
            int most = queue.bytes() > STAGE_BYTES ? LARGE_STAGE_BYTES : STAGE_BYTES;
            chunk = core.tryAllocate((int) Math.min(queue.bytes(), most));
            if (chunk == null) { // at the memory limit: little by little
                slot.address = slot.scratch;
                slot.length = fill(queue, slot.scratch, Slot.SCRATCH_BYTES);
                return;
            }
            stage = chunk;
            stageOffset = 0;
            stageEnd = fill(queue, chunk.address(), chunk.size());
        }
        slot.address = chunk.address() + stageOffset;
        slot.length = stageEnd - stageOffset;
    }

    /** Copies arrays, and buffers between them, until {@code room} bytes are full. */
    private int fill(WriteQueue queue, long address, int room) {
        int filled = 0;
        for (int i = 0; i < queue.size() && filled < room; i++) {
            int length = Math.min(queue.length(i), room - filled);
            long to = address + filled;
            switch (queue.item(i)) {
                case byte[] array -> Memory.copy(array, queue.offset(i), to, length);
                case Buffer buffer ->
                        Memory.copy(core.address(buffer) + queue.offset(i), to, length);
                case Passing handles -> {
                    if (queue.offset(i) == 0) {
                        return filled; // a message of its own
                    }
                    Memory.copy(handles.data(), queue.offset(i), to, length);
                }
                default -> {} // a callback between data
            }
            filled += length;
        }
        return filled;
    }

    /** Neighbours in memory, as incremental receives leave them, become one piece. */
    private void gather(WriteQueue queue, Slot slot) {
        long last = slot.scratch + IOVECS_AT - IovecLayout.SIZE;
        int count = 0;
        long end = 0;
        for (int i = 0; i < queue.size(); i++) {
            if (queue.item(i) instanceof byte[] || queue.item(i) instanceof Passing) {
                break;
            }
            if (!(queue.item(i) instanceof Buffer buffer)) {
                continue; // a callback between data
            }
            long from = core.address(buffer) + queue.offset(i);
            long length = queue.length(i);
            if (count > 0 && from == end) {
                length += Memory.getLong(last + IovecLayout.IOV_LEN);
            } else if (count == MAX_IOVECS) {
                break;
            } else {
                last += IovecLayout.SIZE;
                count++;
                Memory.putLong(last + IovecLayout.IOV_BASE, from);
            }
            Memory.putLong(last + IovecLayout.IOV_LEN, length);
            end = from + queue.length(i);
        }
        if (count == 1) {
            slot.address = Memory.getLong(last + IovecLayout.IOV_BASE);
            slot.length = (int) Memory.getLong(last + IovecLayout.IOV_LEN);
        } else {
            slot.become(Op.SENDMSG);
            Memory.fill(slot.scratch, MsghdrLayout.SIZE, (byte) 0);
            Memory.putLong(slot.scratch + MsghdrLayout.MSG_IOV, slot.scratch + IOVECS_AT);
            Memory.putLong(slot.scratch + MsghdrLayout.MSG_IOVLEN, count);
            slot.address = slot.scratch;
            slot.length = 1;
        }
    }
}
