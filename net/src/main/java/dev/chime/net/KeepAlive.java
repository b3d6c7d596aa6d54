package dev.chime.net;

import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import java.time.Duration;

/**
 * How an idle TCP connection is probed (tcp(7)). The kernel counts in seconds: durations are
 * rounded up.
 *
 * @param delay idle time before the first probe, to 32,767 s
 * @param interval time between probes that nobody answers, to 32,767 s
 * @param count unanswered probes, 1 to 127, after which the connection ends with ETIMEDOUT
 */
public record KeepAlive(Duration delay, Duration interval, int count) {
    private static final long MAX_SECONDS = 32_767;
    private static final int MAX_COUNT = 127;

    /** Checks every value. */
    public KeepAlive {
        check("delay", delay);
        check("interval", interval);
        if (count < 1 || count > MAX_COUNT) {
            throw new IllegalArgumentException("count is " + count + ": use 1 to " + MAX_COUNT);
        }
    }

    /** Probes after {@code delay}, then every second, ten times, as Node does. */
    public static KeepAlive after(Duration delay) {
        return new KeepAlive(delay, Duration.ofSeconds(1), 10);
    }

    private static void check(String name, Duration duration) {
        Checks.required(duration, name, "pass a duration");
        if (!duration.isPositive() || duration.compareTo(Duration.ofSeconds(MAX_SECONDS)) > 0) {
            throw new IllegalArgumentException(
                    name + " is " + duration + ": use more than 0 and at most 32767 s");
        }
    }

    private static int seconds(Duration duration) {
        return (int) duration.plusNanos(999_999_999).toSeconds();
    }

    /** Sets it on a socket; one that listens hands it on to those it accepts. */
    void apply(Core core, int fd) {
        Sockaddr.set(core, fd, Const.IPPROTO_TCP, Const.TCP_KEEPIDLE, seconds(delay));
        Sockaddr.set(core, fd, Const.IPPROTO_TCP, Const.TCP_KEEPINTVL, seconds(interval));
        Sockaddr.set(core, fd, Const.IPPROTO_TCP, Const.TCP_KEEPCNT, count);
        Sockaddr.set(core, fd, Const.SOL_SOCKET, Const.SO_KEEPALIVE, 1);
    }
}
