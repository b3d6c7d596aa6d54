package dev.chime.net;

import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Sys;

/**
 * A descriptor that is kept for the moment when there is no other: given up, it makes room to
 * accept a connection and to close it, so that its client does not wait in vain.
 */
final class Reserve {
    private static final int NONE = -1;

    private final Core core;
    private int number = NONE;

    Reserve(Core core) {
        this.core = core;
    }

    /** Takes a descriptor, if there is one and none is held. */
    void take() {
        if (number == NONE) {
            number = Math.max(NONE, (int) core.syscall(Sys.EVENTFD2, 0, Const.EFD_CLOEXEC, 0));
        }
    }

    /** Gives the descriptor up; false when there is none. */
    boolean release() {
        if (number == NONE) {
            return false;
        }
        core.syscall(Sys.CLOSE, number, 0, 0);
        number = NONE;
        return true;
    }
}
