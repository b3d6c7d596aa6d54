package dev.chime.reactor.libc;

/**
 * The processor architectures whose kernel ABI Chime knows.
 *
 * <p>Where a number differs between them it is chosen once, when the class that holds it is
 * initialised, by {@link #CURRENT}. The two agree on byte order (little-endian) and on the size of
 * a pointer (8), so every struct but {@code epoll_event} has one layout for both.
 */
public enum Arch {
    /** 64-bit x86: the oldest 64-bit syscall table, and the packed {@code epoll_event}. */
    X86_64,
    /** 64-bit ARM: the generic syscall table of {@code asm-generic/unistd.h}. */
    AARCH64;

    /**
     * The architecture this JVM runs on.
     *
     * <p>On any other machine the first use of this class fails with {@link
     * ExceptionInInitializerError}, whose cause is the exception of {@link #of(String, String)}.
     */
    public static final Arch CURRENT =
            of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));

    /**
     * Finds the architecture by the values of the system properties {@code os.name} and {@code
     * os.arch}.
     *
     * @throws UnsupportedOperationException when it is not Linux, or not one of the two; the
     *     message says what was found and what is needed
     */
    static Arch of(String osName, String osArch) {
        if (!osName.equals("Linux")) {
            throw unsupported(osName, osArch);
        }
        return switch (osArch) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64", "arm64" -> AARCH64;
            default -> throw unsupported(osName, osArch);
        };
    }

    private static UnsupportedOperationException unsupported(String osName, String osArch) {
        return new UnsupportedOperationException(
                "Chime needs Linux on x86_64 or aarch64; this JVM reports os.name=\""
                        + osName
                        + "\" and os.arch=\""
                        + osArch
                        + "\"");
    }

    /** {@code sizeof(struct epoll_event)}: packed on x86-64 alone (linux/eventpoll.h). */
    int epollEventSize() {
        return pick(12, 16);
    }

    /** {@code offsetof(struct epoll_event, data)}. */
    int epollEventDataOffset() {
        return pick(4, 8);
    }

    /** The one of two numbers that belongs to this architecture. */
    int pick(int onX86, int onAarch64) {
        return this == X86_64 ? onX86 : onAarch64;
    }
}
