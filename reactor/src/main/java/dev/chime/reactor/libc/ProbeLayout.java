package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_probe}, the answer to {@link RegisterOp#REGISTER_PROBE}, and of
 * the {@code struct io_uring_probe_op} elements behind it (linux/io_uring.h, io_uring_register(2),
 * 5.6).
 */
public final class ProbeLayout {
    /** The header alone; a whole probe is {@code SIZE + n * OP_SIZE}. */
    public static final int SIZE = 16;

    public static final int LAST_OP = 0;
    public static final int OPS_LEN = 1;

    /** Where the elements begin. */
    public static final int OPS = 16;

    // struct io_uring_probe_op, offsets from the start of the element
    public static final int OP_SIZE = 8;
    public static final int OP_OP = 0;
    public static final int OP_FLAGS = 2;

    /** The bit of an element's flags that says the kernel knows the opcode. */
    public static final int OP_SUPPORTED = 1;

    private ProbeLayout() {}
}
