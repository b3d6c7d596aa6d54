package dev.chime.reactor.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import java.lang.reflect.Method;
import java.util.List;

/**
 * Bytes that threads have allocated on the heap, by the JVM's own count.
 *
 * <p>What an operation allocates is measured in a JVM of its own: what the compiler can keep off
 * the heap depends on what else it has seen, and a test run has seen everything.
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

    private static final String RESULT = "bytes for each operation: ";
    private static final int JVMS = 3;

    private Allocation() {}

    /**
     * Fails when operations allocate, as {@code program} {@link #print}s. It finds the classes of
     * its own module and of those {@code besides}; it gets what to measure and the engine, and
     * counts as the least of three JVMs: each compiles as it sees fit, and on a loaded machine one
     * now and then leaves a call inside a downcall uninlined, whose slice of a memory segment is
     * then 40 bytes.
     */
    public static void assertNone(
            List<Class<?>> besides, Class<?> program, String what, EngineKind engine)
            throws Exception {
        double least = Double.MAX_VALUE;
        for (int jvm = 0; jvm < JVMS && least >= 1; jvm++) {
            least = Math.min(least, bytesForEachOperation(besides, program, what, engine));
        }
        assertTrue(least < 1, least + " bytes for each operation");
    }

    private static double bytesForEachOperation(
            List<Class<?>> besides, Class<?> program, String what, EngineKind engine)
            throws Exception {
        List<String> lines =
                ChildJvm.run(List.of(), List.of("-Xmx256m"), besides, program, what, engine.name());
        assertEquals("exit 0", lines.getLast(), lines::toString);
        String line = lines.get(lines.size() - 2);
        assertTrue(line.startsWith(RESULT), lines::toString);
        return Double.parseDouble(line.substring(RESULT.length()));
    }

    /** The program's result, the last line that it prints. */
    public static void print(double bytesForEachOperation) {
        System.out.println(RESULT + bytesForEachOperation);
    }

    /** Bytes that the calling thread has allocated since it started. */
    public static long ofThisThread() {
        try {
            return (long) CURRENT.invoke(BEAN);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
