package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;

/** What {@code /dev/null} and {@code /dev/zero} refer to. */
final class SimDevice extends SimNode {
    private final boolean zeros;

    SimDevice(long inode, boolean zeros) {
        super(inode, Const.S_IFCHR | 0666, 0);
        this.zeros = zeros;
    }

    @Override
    long size() {
        return 0;
    }

    @Override
    long allocated() {
        return 0;
    }

    int read(long address, int length) {
        if (zeros) {
            Memory.fill(address, length, (byte) 0);
            return length;
        }
        return 0;
    }
}
