package dev.chime.reactor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log; made when there is something to say: a backend takes longer to start than a loop. */
final class Log {
    static final Logger LOG = LoggerFactory.getLogger(Reactor.class);

    private Log() {}
}
