package dev.chime.reactor;

import dev.chime.reactor.engine.CallSite;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An error of an asynchronous call. It always has a {@link #code()}, as Node's errors do.
 *
 * <p>Created on the loop, far from the call, it has no stack trace, unless {@code
 * -Dchime.trace=true} asks for one: then it is that of the call that failed.
 */
public class ReactorException extends IOException {
    private static final long serialVersionUID = 1;

    private final String code;

    /** Makes an error with a code such as {@code ERR_FS_FILE_TOO_LARGE}. */
    public ReactorException(String code, String message) {
        this(code, message, null);
    }

    /** Makes an error that another one caused. */
    public ReactorException(String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** The error's name for programs: an errno's ({@code ENOENT}) or one of {@code ERR_*}. */
    public final String code() {
        return code;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        if (CallSite.ON) {
            super.fillInStackTrace();
            CallSite.apply(this);
        }
        return this;
    }
}
