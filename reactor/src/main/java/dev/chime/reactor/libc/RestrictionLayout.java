package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_restriction}, the element of {@link
 * RegisterOp#REGISTER_RESTRICTIONS} (linux/io_uring.h, io_uring_register(2), 5.10).
 */
public final class RestrictionLayout {
    public static final int SIZE = 16;

    /** Which of the kinds below, 16 bits. */
    public static final int OPCODE = 0;

    /** The register opcode, the operation or the flags that are allowed: 8 bits. */
    public static final int VALUE = 2;

    public static final int REGISTER_OP = 0;
    public static final int SQE_OP = 1;
    public static final int SQE_FLAGS_ALLOWED = 2;
    public static final int SQE_FLAGS_REQUIRED = 3;

    private RestrictionLayout() {}
}
