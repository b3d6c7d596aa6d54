package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.GroupSourceReqLayout;
import dev.chime.reactor.libc.Memory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The multicast groups of a socket, with the senders that it hears there (RFC 3678). Interfaces are
 * numbers: 1 is the loopback interface, and what the kernel would choose is another.
 */
final class SimGroups {
    static final int LOOPBACK = 1;

    /** What 0, any interface, stands for: the one to a network in which nobody else is. */
    static final int CHOSEN = 2;

    private static final class Membership {
        final SimAddress group;
        final int by;
        final List<SimAddress> sources = new ArrayList<>();

        /** Whether only those sources are heard, not all. */
        boolean chooses;

        Membership(SimAddress group, int by) {
            this.group = group;
            this.by = by;
        }

        boolean hears(SimAddress sender) {
            return !chooses || sources.stream().anyMatch(sender::sameHost);
        }
    }

    private final List<Membership> memberships = new ArrayList<>();

    static int number(int index) {
        return index == 0 ? CHOSEN : index;
    }

    /** Joins or leaves what a group_source_req names; 0, or a negative errno. */
    int change(int option, long request, int length, int family) {
        boolean ofSource =
                option == Const.MCAST_JOIN_SOURCE_GROUP || option == Const.MCAST_LEAVE_SOURCE_GROUP;
        int least = ofSource ? GroupSourceReqLayout.SIZE : GroupSourceReqLayout.GROUP_REQ_SIZE;
        long named = request + GroupSourceReqLayout.GSR_GROUP;
        if (length < least || Memory.getShort(named) != family) {
            return -ErrnoCode.EINVAL;
        }
        SimAddress group = SimAddress.read(named, family).withPort(0);
        int by = number(Memory.getInt(request + GroupSourceReqLayout.GSR_INTERFACE));
        if (!group.isMulticast()) {
            return -ErrnoCode.EINVAL;
        }
        Membership found = find(group, by);
        if (ofSource) {
            SimAddress source = SimAddress.read(request + GroupSourceReqLayout.GSR_SOURCE, family);
            return option == Const.MCAST_JOIN_SOURCE_GROUP
                    ? joinSource(found == null ? add(group, by, true) : found, source)
                    : leaveSource(found, source);
        }
        if (option == Const.MCAST_JOIN_GROUP) {
            if (found == null) {
                add(group, by, false);
            }
            return found == null ? 0 : -ErrnoCode.EADDRINUSE;
        }
        return memberships.remove(found) ? 0 : -ErrnoCode.EADDRNOTAVAIL;
    }

    private @Nullable Membership find(SimAddress group, int by) {
        for (Membership membership : memberships) {
            if (membership.by == by && membership.group.sameHost(group)) {
                return membership;
            }
        }
        return null;
    }

    private Membership add(SimAddress group, int by, boolean chooses) {
        Membership added = new Membership(group, by);
        added.chooses = chooses;
        memberships.add(added);
        return added;
    }

    private static int joinSource(Membership membership, SimAddress source) {
        membership.chooses = true; // who heard all now hears these
        if (membership.sources.stream().anyMatch(source::sameHost)) {
            return -ErrnoCode.EADDRNOTAVAIL;
        }
        membership.sources.add(source);
        return 0;
    }

    private int leaveSource(@Nullable Membership membership, SimAddress source) {
        if (membership == null) {
            return -ErrnoCode.EINVAL;
        }
        membership.chooses = true;
        boolean left = membership.sources.removeIf(source::sameHost);
        if (left && membership.sources.isEmpty()) {
            memberships.remove(membership);
        }
        return left ? 0 : -ErrnoCode.EADDRNOTAVAIL;
    }

    /** Whether the host takes what a sender sends to a group because of this socket. */
    boolean brings(SimAddress group, int by, SimAddress sender) {
        Membership found = find(group, by);
        return found != null && found.hears(sender);
    }

    /**
     * Whether the socket gets it once the host has it: who is no member does (IP_MULTICAST_ALL).
     */
    boolean admits(SimAddress group, int by, SimAddress sender) {
        Membership found = find(group, by);
        return found == null || found.hears(sender);
    }
}
