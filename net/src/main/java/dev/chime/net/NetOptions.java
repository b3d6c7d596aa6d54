package dev.chime.net;

import org.jspecify.annotations.Nullable;

/**
 * What all sockets and servers of a {@link Net} share.
 *
 * @param resolver who finds the addresses of a name; null: the system's resolver ({@code
 *     /etc/hosts} and what else nsswitch.conf(5) says), on threads of its own
 */
public record NetOptions(@Nullable HostResolver resolver) {
    /** The system's resolver. */
    public static NetOptions defaults() {
        return new NetOptions(null);
    }

    /** These options with another resolver; null: the system's. */
    public NetOptions resolver(@Nullable HostResolver other) {
        return new NetOptions(other);
    }
}
