package dev.chime.reactor;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JVM's own door to signals, {@code sun.misc.Signal} of the module {@code jdk.unsupported}.
 *
 * <p>The C library's signal calls and signalfd(2) are no way: every thread of the JVM would have to
 * block the signal, and handlers are the JVM's. By reflection, because the compiler warns of each
 * mention of this class, which no annotation can turn off.
 */
final class JvmSignals {
    /** Signals that the JVM or the kernel keeps, and what for. */
    private static final Map<String, String> KEPT =
            Map.of(
                    "QUIT", "the JVM prints the stacks of its threads on it",
                    "SEGV", "the JVM uses it for its own faults",
                    "BUS", "the JVM uses it for its own faults",
                    "FPE", "the JVM uses it for its own faults",
                    "ILL", "the JVM uses it for its own faults",
                    "KILL", "the kernel lets nobody catch it",
                    "STOP", "the kernel lets nobody catch it");

    private static final class Door {
        static final Class<?> HANDLER;
        static final MethodHandle NEW;
        static final Method HANDLE;

        static {
            try {
                Class<?> signal = Class.forName("sun.misc.Signal");
                HANDLER = Class.forName("sun.misc.SignalHandler");
                NEW =
                        MethodHandles.publicLookup()
                                .findConstructor(
                                        signal, MethodType.methodType(void.class, String.class));
                HANDLE = signal.getMethod("handle", signal, HANDLER);
            } catch (ReflectiveOperationException e) {
                throw new UnsupportedOperationException(
                        "signals need the module jdk.unsupported in this runtime image", e);
            }
        }
    }

    private JvmSignals() {}

    /** A handler for {@link #install}; the JVM calls {@code onSignal} on a new thread each time. */
    @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself alone
    static Object handler(Runnable onSignal) {
        return Proxy.newProxyInstance(
                JvmSignals.class.getClassLoader(),
                new Class<?>[] {Door.HANDLER},
                (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "handle" -> onSignal.run();
                        case "equals" -> {
                            return proxy == arguments[0];
                        }
                        case "hashCode" -> {
                            return System.identityHashCode(proxy);
                        }
                        default -> {
                            return "handler " + onSignal;
                        }
                    }
                    return 0;
                });
    }

    /**
     * Installs a handler for the whole process.
     *
     * @param name without SIG
     * @param handler one of {@link #handler}, or what this method gave
     * @return the handler before
     * @throws IllegalArgumentException for a signal that is unknown or cannot be had, with why
     */
    static Object install(String name, Object handler) {
        String reason = KEPT.get(name);
        if (reason != null) {
            throw refused(name, reason, null);
        }
        try {
            Object signal = Door.NEW.invoke(name);
            return Door.HANDLE.invoke(null, signal, handler);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw refused(name, cause == null ? "" : String.valueOf(cause.getMessage()), cause);
        } catch (IllegalArgumentException e) {
            throw refused(name, String.valueOf(e.getMessage()), e);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot handle SIG" + name, e);
        }
    }

    private static IllegalArgumentException refused(
            String name, String reason, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "SIG" + name + " cannot be listened to: " + reason, cause);
    }
}
