package dev.chime.net;

import dev.chime.reactor.Descriptor;
import java.util.List;

/** Gets the descriptors that came over a Unix socket. */
@FunctionalInterface
public interface HandlesHandler {
    /**
     * Gets the descriptors of one message, before its bytes come to the data handler. They are open
     * until this returns: what it wants of them it takes by {@link Net#adopt}, {@link Server#adopt}
     * or a file's {@code adopt}, or by sending it on; what it leaves is closed.
     *
     * @param truncated whether some are missing: this process has no descriptor left for them
     */
    void handles(List<Descriptor> handles, boolean truncated) throws Exception;
}
