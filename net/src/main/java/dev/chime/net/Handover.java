package dev.chime.net;

import dev.chime.reactor.ReactorGroup;
import dev.chime.reactor.internal.Core;
import java.net.SocketAddress;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings accepted connections to the loops of a group. On the way a connection is a number that the
 * task carries, which a loop runs or refuses: so it is served or closed, and never lost. Of the
 * accepting loop alone.
 */
final class Handover {
    private final ReactorGroup group;
    private final List<Server> members;
    private final boolean least;
    private final BitSet ended = new BitSet();
    private int last;

    Handover(ReactorGroup group, List<Server> members, boolean least) {
        this.group = group;
        this.members = members;
        this.least = least;
        last = members.size() - 1;
    }

    /** Hands an accepted connection to a loop; to its own if no other takes it. */
    void pass(Server acceptor, int number, @Nullable SocketAddress name) throws Exception {
        while (true) {
            int to = choose();
            Server member = to < 0 ? acceptor : members.get(to);
            member.expect();
            if (member.equals(acceptor)) {
                acceptor.take(number, name);
                return;
            }
            Core core = Core.of(group.get(to));
            if (group.post(to, () -> core.call(() -> member.take(number, name)))) {
                return;
            }
            member.expectNot();
            ended.set(to);
        }
    }

    private int choose() {
        int best = -1;
        int fewest = Integer.MAX_VALUE;
        for (int i = 1; i <= members.size(); i++) {
            int candidate = (last + i) % members.size();
            int holds = ended.get(candidate) ? Integer.MAX_VALUE : members.get(candidate).held();
            if (holds < fewest) {
                best = candidate;
                fewest = holds;
                if (!least) {
                    break;
                }
            }
        }
        last = Math.max(0, best);
        return best;
    }
}
