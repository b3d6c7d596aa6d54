package dev.chime.reactor.engine;

import dev.chime.reactor.libc.ErrnoCode;

/** Says that an engine cannot be had here: the errno, the probable cause and the remedy. */
public final class EngineRefused extends Exception {
    private static final long serialVersionUID = 1;
    private final int errno;

    /** Names the call that failed with the positive {@code errno}. */
    public EngineRefused(String call, int errno) {
        super(call + " failed with errno " + errno + cause(errno), null, false, false);
        this.errno = errno;
    }

    /** The positive errno. */
    public int errno() {
        return errno;
    }

    private static String cause(int errno) {
        return switch (errno) {
            case ErrnoCode.EPERM ->
                    " (EPERM): a seccomp profile (the default of Docker and containerd) or the sysctl"
                            + " kernel.io_uring_disabled forbids it; allow io_uring_setup,"
                            + " io_uring_enter and io_uring_register in the profile, or set the"
                            + " sysctl to 0";
            case ErrnoCode.EACCES ->
                    " (EACCES): a security module (SELinux, AppArmor) forbids it; allow io_uring"
                            + " for this process";
            case ErrnoCode.ENOSYS ->
                    " (ENOSYS): the kernel is older than 5.19 or a sandbox hides io_uring; use a"
                            + " newer kernel, or run outside the sandbox";
            case ErrnoCode.ENOMEM ->
                    " (ENOMEM): not enough memory or locked memory; raise the memory limit or"
                            + " `ulimit -l`";
            case ErrnoCode.EMFILE ->
                    " (EMFILE): too many open files in this process; raise `ulimit -n`";
            case ErrnoCode.ENFILE ->
                    " (ENFILE): too many open files in the system; raise the sysctl fs.file-max";
            case ErrnoCode.EINVAL ->
                    " (EINVAL): the kernel knows io_uring but not in the form needed; use kernel"
                            + " 5.19 or newer";
            default -> ": see io_uring_setup(2)";
        };
    }
}
