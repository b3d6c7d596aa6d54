package dev.chime.reactor.internal;

import dev.chime.reactor.Descriptor;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;
import org.jspecify.annotations.Nullable;

/** A descriptor that the program holds between two owners. */
public final class HeldDescriptor implements Descriptor {
    private static final Completion IGNORED = (slot, result, more) -> {};

    private final Core core;
    private final boolean socket;
    private final int number;
    private @Nullable Fd fd;

    private HeldDescriptor(Core core, int number) {
        this.core = core;
        this.number = number;
        socket = isSocket(core, number);
        Fd adopted = core.adopt(number, socket ? Fd.Kind.SOCKET : Fd.Kind.FILE);
        fd = adopted;
        adopted.heldBy(this, "descriptor " + number);
    }

    private static boolean isSocket(Core core, int number) {
        long memory = core.scratch();
        Memory.putInt(memory + 8, 4);
        return core.syscall(
                        Sys.GETSOCKOPT,
                        number,
                        Const.SOL_SOCKET,
                        Const.SO_TYPE,
                        memory,
                        memory + 8,
                        0)
                >= 0;
    }

    /** Takes over a descriptor that nobody else closes. */
    public static HeldDescriptor of(Core core, int number) {
        return new HeldDescriptor(core, number);
    }

    /**
     * Duplicates an open descriptor.
     *
     * @throws ErrnoException EMFILE; EBADF when it is closing
     */
    public static HeldDescriptor duplicate(Core core, Fd original) throws ErrnoException {
        long result =
                original.isOpen()
                        ? core.syscall(Sys.FCNTL, original.number(), Const.F_DUPFD_CLOEXEC, 0)
                        : -ErrnoCode.EBADF;
        if (result < 0) {
            throw ErrnoException.file((int) result, "dup", null);
        }
        return new HeldDescriptor(core, (int) result);
    }

    /**
     * The descriptor in the hands of a module, which from now on closes it.
     *
     * @throws IllegalStateException when it is closed, somebody else's, or of another loop
     */
    public static Fd take(Core core, Descriptor descriptor) {
        Fd taken = check(core, descriptor);
        HeldDescriptor held = (HeldDescriptor) descriptor;
        held.fd = null;
        taken.heldBy(taken, "descriptor " + held.number);
        return taken;
    }

    /**
     * The descriptor, which stays with its holder.
     *
     * @throws IllegalStateException when it is closed, somebody else's, or of another loop
     */
    public static Fd check(Core core, Descriptor descriptor) {
        if (!(descriptor instanceof HeldDescriptor held)) {
            throw new IllegalArgumentException(
                    descriptor + " is no descriptor of this library: duplicate or receive one");
        }
        if (!core.equals(held.core)) {
            throw new IllegalStateException(held + " belongs to another loop");
        }
        Fd fd = held.fd;
        if (fd == null || !fd.isOpen()) {
            throw new IllegalStateException(held + " was closed, sent or taken before");
        }
        return fd;
    }

    @Override
    public boolean isOpen() {
        return fd != null;
    }

    @Override
    public boolean isSocket() {
        return socket;
    }

    @Override
    public void close() {
        Fd open = fd;
        if (open != null) {
            core.checkThread("Descriptor.close");
            fd = null;
            if (open.isOpen()) {
                core.close(open, IGNORED);
            }
        }
    }

    @Override
    public String toString() {
        return "Descriptor[" + number + (fd == null ? ", gone]" : "]");
    }
}
