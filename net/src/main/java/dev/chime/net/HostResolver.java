package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From the name of a host to its addresses, for {@link NetOptions#resolver}: in place of the
 * system's resolver.
 */
@FunctionalInterface
public interface HostResolver {
    /**
     * Looks a name up, never a literal.
     *
     * @param callback takes the addresses, the best one first, or an error with its code. Call it
     *     once, on the loop's thread, inside this call or later: further calls are ignored, and no
     *     address is ENOTFOUND
     * @return what cancels the look-up; null if nothing does. Nobody waits for a look-up that is
     *     cancelled
     * @throws Exception as {@code ERR_RESOLVER} for who has asked
     */
    @Nullable Operation lookup(String host, Callback<List<InetAddress>> callback) throws Exception;
}
