package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import java.nio.charset.StandardCharsets;

/** A symbolic link. */
final class SimLink extends SimNode {
    final String target;

    SimLink(long inode, String target, long now) {
        super(inode, Const.S_IFLNK | 0777, now);
        this.target = target;
    }

    @Override
    long size() {
        return target.getBytes(StandardCharsets.ISO_8859_1).length;
    }

    @Override
    long allocated() {
        return 0;
    }
}
