package dev.chime.reactor;

import dev.chime.reactor.engine.AbortReason;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * An error that the kernel reported, in Node's form: {@code ENOENT: no such file or directory, open
 * 'hello.txt'} for files, {@code connect ECONNREFUSED 127.0.0.1:9} for sockets. What an {@link
 * AbortSignal} has ended has the signal's reason as its cause.
 */
public final class ErrnoException extends ReactorException {
    private static final long serialVersionUID = 1;

    private final Errno errno;
    private final String syscall;
    private final @Nullable String path;
    private final @Nullable String dest;
    private final transient @Nullable SocketAddress address;

    private ErrnoException(
            String message,
            Errno errno,
            String syscall,
            @Nullable String path,
            @Nullable String dest,
            @Nullable SocketAddress address) {
        super(errno.name(), message, endsEarly(errno) ? AbortReason.current() : null);
        this.errno = errno;
        this.syscall = syscall;
        this.path = path;
        this.dest = dest;
        this.address = address;
    }

    private static boolean endsEarly(Errno errno) {
        return errno == Errno.ECANCELED || errno == Errno.ETIMEDOUT;
    }

    /**
     * An error of a file operation.
     *
     * @param result the errno, positive or negative
     * @param syscall the step that failed, as Node names it
     * @param path the user's path, if there is one
     */
    public static ErrnoException file(int result, String syscall, @Nullable String path) {
        return file(result, syscall, path, null);
    }

    /** An error of a file operation, with what is to be done about it behind the message. */
    public static ErrnoException explained(
            int result, String syscall, @Nullable String path, @Nullable String hint) {
        ErrnoException plain = file(result, syscall, path);
        return hint == null
                ? plain
                : new ErrnoException(
                        plain.getMessage() + ": " + hint, plain.errno, syscall, path, null, null);
    }

    /** An error of a file operation that has two paths. */
    public static ErrnoException file(
            int result, String syscall, @Nullable String path, @Nullable String dest) {
        Errno errno = Errno.of(result);
        StringBuilder message = new StringBuilder(errno.name()).append(": ").append(errno.text());
        message.append(", ").append(syscall);
        if (path != null) {
            message.append(" '").append(path).append('\'');
        }
        if (dest != null) {
            message.append(" -> '").append(dest).append('\'');
        }
        return new ErrnoException(message.toString(), errno, syscall, path, dest, null);
    }

    /**
     * An error of a socket operation.
     *
     * @param result the errno, positive or negative
     * @param address the peer or the local address, whichever the operation is about
     */
    public static ErrnoException socket(
            int result, String syscall, @Nullable SocketAddress address) {
        return socket(result, syscall, address, null);
    }

    /** An error of a socket operation, with what is to be done about it behind the message. */
    public static ErrnoException socket(
            int result, String syscall, @Nullable SocketAddress address, @Nullable String hint) {
        Errno errno = Errno.of(result);
        StringBuilder message = new StringBuilder(syscall).append(' ').append(errno.name());
        if (syscall.equals("listen") || syscall.equals("bind")) {
            message.append(": ").append(errno.text());
        }
        if (address != null) {
            message.append(' ').append(text(address));
        }
        if (hint != null) {
            message.append(": ").append(hint);
        }
        return new ErrnoException(message.toString(), errno, syscall, null, null, address);
    }

    private static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            return AddressText.of(inet.getAddress()) + ":" + inet.getPort();
        }
        return address.toString();
    }

    /** The kernel's error. */
    public Errno errno() {
        return errno;
    }

    /** The step that failed, as Node names it. */
    public String syscall() {
        return syscall;
    }

    /** The path the call was about. */
    public @Nullable String path() {
        return path;
    }

    /** The second path of a call with two. */
    public @Nullable String dest() {
        return dest;
    }

    /** The address the call was about. */
    public @Nullable SocketAddress address() {
        return address;
    }
}
