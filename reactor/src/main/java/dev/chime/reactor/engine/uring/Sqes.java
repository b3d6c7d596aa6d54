package dev.chime.reactor.engine.uring;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.OpSlots;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Opcode;
import dev.chime.reactor.libc.SqeLayout;

/**
 * Encodes submission entries: eight 64-bit stores each, so that nothing of the entry's last use
 * remains.
 */
final class Sqes {
    private Sqes() {}

    private static void write(
            long sqe,
            int opcode,
            int flags,
            int ioprio,
            int fd,
            long offset,
            long address,
            int length,
            int opFlags,
            long userData,
            int group,
            long address3) {
        Memory.putLong(sqe, opcode | (long) flags << 8 | (long) ioprio << 16 | (long) fd << 32);
        Memory.putLong(sqe + SqeLayout.OFF, offset);
        Memory.putLong(sqe + SqeLayout.ADDR, address);
        Memory.putLong(sqe + SqeLayout.LEN, (length & 0xffffffffL) | (long) opFlags << 32);
        Memory.putLong(sqe + SqeLayout.USER_DATA, userData);
        Memory.putLong(sqe + SqeLayout.BUF_GROUP, group);
        Memory.putLong(sqe + SqeLayout.ADDR3, address3);
        Memory.putLong(sqe + SqeLayout.ADDR3 + 8, 0);
    }

    /**
     * The entry of a slot: all but {@code ioprio} and additional {@code IOSQE_*} flags is in the
     * slot and its row.
     */
    static void slot(long sqe, Slot slot, int ioprio, int flags) {
        Op op = slot.op();
        write(
                sqe,
                op.opcode(),
                op.sqeFlags() | flags,
                ioprio,
                slot.fd,
                slot.offset,
                slot.address,
                slot.length,
                slot.flags,
                OpSlots.userData(slot),
                group(op),
                slot.address3);
    }

    private static int group(Op op) {
        return switch (op) {
            case RECV -> ProvidedBuffers.STREAMS;
            case RECVMSG -> ProvidedBuffers.MESSAGES;
            default -> 0;
        };
    }

    /** Cancels the request with user_data {@code target}; completes only when it fails. */
    static void cancel(long sqe, long target, long userData) {
        write(
                sqe,
                Opcode.ASYNC_CANCEL,
                SqeLayout.IOSQE_CQE_SKIP_SUCCESS,
                0,
                -1,
                0,
                target,
                0,
                0,
                userData,
                0,
                0);
    }

    /** Cancels every request on a descriptor; always completes, with the number cancelled. */
    static void cancelFd(long sqe, int fd, long userData) {
        int how = SqeLayout.IORING_ASYNC_CANCEL_FD | SqeLayout.IORING_ASYNC_CANCEL_ALL;
        write(sqe, Opcode.ASYNC_CANCEL, 0, 0, fd, 0, 0, 0, how, userData, 0, 0);
    }

    /** Does nothing. */
    static void nop(long sqe, long userData) {
        write(sqe, Opcode.NOP, 0, 0, -1, 0, 0, 0, 0, userData, 0, 0);
    }

    /** Reads {@code length} bytes from where the file stands. */
    static void read(long sqe, int fd, long address, int length, long userData) {
        write(sqe, Opcode.READ, 0, 0, fd, -1, address, length, 0, userData, 0, 0);
    }

    /** Waits for {@code events}, once. */
    static void poll(long sqe, int fd, int events, long userData) {
        write(sqe, Opcode.POLL_ADD, 0, 0, fd, 0, 0, 0, events, userData, 0, 0);
    }

    /** Bounds the entry before it, which must be linked, by the timespec at {@code address}. */
    static void linkTimeout(long sqe, long address, long userData) {
        write(sqe, Opcode.LINK_TIMEOUT, 0, 0, -1, 0, address, 1, 0, userData, 0, 0);
    }

    /** Posts a completion with {@code targetUserData} into the ring {@code fd}. */
    static void message(long sqe, int fd, long targetUserData) {
        write(
                sqe,
                Opcode.MSG_RING,
                0,
                0,
                fd,
                targetUserData,
                SqeLayout.IORING_MSG_DATA,
                0,
                0,
                0,
                0,
                0);
    }
}
