package dev.chime.reactor;

import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.internal.Core;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is open and must end before the reactor does, in the order in which it was opened. */
final class Handles {
    private final Set<Core.Handle> open = new LinkedHashSet<>();
    private final IdentityHashMap<Core.Handle, CallSite> sites = new IdentityHashMap<>();

    void opened(Core.Handle handle) {
        open.add(handle);
        CallSite site = CallSite.current();
        if (site != null) {
            sites.put(handle, site);
        }
    }

    void closed(Core.Handle handle) {
        open.remove(handle);
        if (CallSite.ON) {
            sites.remove(handle);
        }
    }

    /** A copy. */
    List<Core.Handle> open() {
        return new ArrayList<>(open);
    }

    /** The call that opened it; only in trace mode. */
    @Nullable CallSite site(Core.Handle handle) {
        return sites.get(handle);
    }
}
