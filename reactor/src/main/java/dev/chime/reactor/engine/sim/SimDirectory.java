package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import java.util.Map;
import java.util.TreeMap;

/** A directory, and what of it has reached the disk. */
final class SimDirectory extends SimNode {
    SimDirectory parent;
    boolean removed;
    final TreeMap<String, SimNode> entries = new TreeMap<>();
    private final SimName own;
    private final Map<String, SimNode> durable = new TreeMap<>();

    /** Makes a root. */
    SimDirectory(long inode) {
        super(inode, Const.S_IFDIR | 0755, 0);
        parent = this;
        own = new SimName(this, this, "");
    }

    SimDirectory(long inode, int mode, SimDirectory parent, String name, long now) {
        super(inode, mode, now);
        this.parent = parent;
        own = new SimName(this, parent, name);
    }

    /** However somebody got here, a directory has one name. */
    @Override
    SimName name(SimDirectory directory, String name) {
        return own;
    }

    @Override
    long size() {
        return 4096;
    }

    @Override
    long allocated() {
        return 4096;
    }

    /** Brings the entries to the disk. */
    void sync() {
        durable.clear();
        durable.putAll(entries);
    }

    /** The entries that the disk holds. */
    Map<String, SimNode> durable() {
        return durable;
    }
}
