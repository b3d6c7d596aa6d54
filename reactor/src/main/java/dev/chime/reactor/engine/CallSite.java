package dev.chime.reactor.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where a program asked for asynchronous work: the stack of the call, kept until its result comes.
 * Only with {@code -Dchime.trace=true}; without, nothing here does anything.
 *
 * <p>Every public call begins with a check of the thread, which notes the call as the current one
 * of its thread; operations take the current call over when they start. While a completion runs,
 * the call of its operation is the current one, so what goes on with it inherits it, and errors
 * that are made meanwhile bear its stack.
 */
public final class CallSite extends Throwable {
    /** True in trace mode; a constant, so that its absence costs nothing. */
    public static final boolean ON = Boolean.getBoolean("chime.trace");

    private static final long serialVersionUID = 1;
    private static final ThreadLocal<@Nullable CallSite> CURRENT = new ThreadLocal<>();
    private static final String[] OURS = {"dev.chime.reactor.", "dev.chime.fs.", "dev.chime.net."};

    private CallSite(String call) {
        super(call + " was called here");
        String method = call.substring(call.lastIndexOf('.') + 1);
        StackTraceElement[] stack = getStackTrace();
        int from = 0;
        while (from < stack.length && !stack[from].getMethodName().startsWith(method)) {
            from++;
        }
        while (from + 1 < stack.length && isSameClass(stack[from], stack[from + 1])) {
            from++; // the method of the same class that the user has called
        }
        if (from < stack.length) {
            setStackTrace(Arrays.copyOfRange(stack, from, stack.length));
        }
    }

    private static boolean isSameClass(StackTraceElement inner, StackTraceElement outer) {
        return inner.getClassName().equals(outer.getClassName());
    }

    /** A public method was called: it is the current call now. */
    public static void enter(String call) {
        if (ON) {
            CURRENT.set(new CallSite(call));
        }
    }

    /** Goes on with the work of {@code site}; null when the work is over. */
    public static void resume(@Nullable CallSite site) {
        if (ON) {
            CURRENT.set(site);
        }
    }

    /** The call whose work goes on in this thread; null outside trace mode. */
    public static @Nullable CallSite current() {
        return ON ? CURRENT.get() : null;
    }

    /** This place, also outside trace mode. */
    public static CallSite of(String call) {
        return new CallSite(call);
    }

    /** The current call or, when there is none, this place, named {@code what}. */
    static CallSite currentOr(String what) {
        CallSite current = CURRENT.get();
        return current == null ? new CallSite(what) : current;
    }

    /** Gives an error that is made here the stack of the current call, unless users made it. */
    public static void apply(Throwable error) {
        CallSite current = CURRENT.get();
        if (current != null && isMadeByUs(error)) {
            error.setStackTrace(current.getStackTrace());
        }
    }

    /** A new one, of this moment, beside the current one; null outside trace mode. */
    public static @Nullable CallSite here(String call) {
        return ON ? new CallSite(call) : null;
    }

    /** Adds {@code site} to an error that has a stack of its own. */
    public static void attach(Throwable error, @Nullable CallSite site) {
        if (site != null && !Arrays.equals(error.getStackTrace(), site.getStackTrace())) {
            error.addSuppressed(site);
        }
    }

    private static boolean isMadeByUs(Throwable error) {
        for (StackTraceElement frame : error.getStackTrace()) {
            String type = frame.getClassName();
            if (!type.endsWith("Exception")) { // its factories are not who made it
                return Arrays.stream(OURS).anyMatch(type::startsWith);
            }
        }
        return false;
    }
}
