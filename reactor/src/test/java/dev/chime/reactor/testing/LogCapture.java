package dev.chime.reactor.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Takes what one logger says instead of printing it, until it is closed. */
public final class LogCapture implements AutoCloseable {
    private final Logger logger;
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();
    private final Level level;

    private LogCapture(Logger logger) {
        this.logger = logger;
        level = logger.getLevel();
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
        events.list = new CopyOnWriteArrayList<>(); // several threads log, and one reads
        events.start();
        logger.addAppender(events);
    }

    /** Captures the logger of a class, from INFO on. */
    public static LogCapture of(Class<?> owner) {
        return new LogCapture((Logger) LoggerFactory.getLogger(owner));
    }

    /** What was said so far, as {@code LEVEL message}. */
    public List<String> lines() {
        return events.list.stream().map(e -> e.getLevel() + " " + e.getFormattedMessage()).toList();
    }

    @Override
    public void close() {
        logger.detachAppender(events);
        logger.setAdditive(true);
        logger.setLevel(level);
    }
}
