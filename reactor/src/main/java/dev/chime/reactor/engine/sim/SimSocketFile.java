package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;

/** The file that a Unix socket was bound to; it stays when the socket is gone. */
final class SimSocketFile extends SimNode {
    final SimSocket socket;

    SimSocketFile(long inode, SimSocket socket, long now) {
        super(inode, Const.S_IFSOCK | (0777 & ~SimDisk.UMASK), now);
        this.socket = socket;
    }

    @Override
    long size() {
        return 0;
    }

    @Override
    long allocated() {
        return 0;
    }
}
