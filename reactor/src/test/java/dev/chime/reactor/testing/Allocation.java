package dev.chime.reactor.testing;

import java.lang.reflect.Method;

/**
 * Bytes that threads have allocated on the heap, by the JVM's own count.
 *
 * <p>By reflection: the reactor's module does not read the management modules.
 */
public final class Allocation {
    private static final Object BEAN;
    private static final Method CURRENT;

    static {
        try {
            BEAN =
                    Class.forName("java.lang.management.ManagementFactory")
                            .getMethod("getThreadMXBean")
                            .invoke(null);
            CURRENT =
                    Class.forName("com.sun.management.ThreadMXBean")
                            .getMethod("getCurrentThreadAllocatedBytes");
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Allocation() {}

    /** Bytes that the calling thread has allocated since it started. */
    public static long ofThisThread() {
        try {
            return (long) CURRENT.invoke(BEAN);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
