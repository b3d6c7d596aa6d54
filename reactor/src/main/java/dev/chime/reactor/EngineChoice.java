package dev.chime.reactor;

import dev.chime.reactor.engine.CompletionSink;
import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.EngineOptions;
import dev.chime.reactor.engine.EngineRefused;
import dev.chime.reactor.engine.OpSlots;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.pool.PoolEngine;
import dev.chime.reactor.engine.uring.UringEngine;
import dev.chime.reactor.libc.Libc;
import java.util.concurrent.atomic.AtomicBoolean;

/** Opens the engine that the options ask for; falls back from the ring to the pool, and says so. */
final class EngineChoice {
    private static final AtomicBoolean FALLBACK_LOGGED = new AtomicBoolean();
    private static final AtomicBoolean DROPPED_LOGGED = new AtomicBoolean();

    private EngineChoice() {}

    /** What an engine is built on. */
    record Parts(Libc libc, OpSlots slots, SlabPool memory, CompletionSink sink) {}

    static Engine open(ReactorOptions options, Parts parts) {
        if (options.engine() == EngineKind.SIM) {
            return ((Machine) options.clock()).open(parts);
        }
        EngineOptions engineOptions =
                new EngineOptions(
                        options.sqEntries(),
                        options.cqEntries(),
                        options.workers(),
                        Settings.RESTRICT,
                        Settings.DENIED);
        if (options.engine() == EngineKind.POOL) {
            return pool(parts, engineOptions);
        }
        try {
            Engine ring =
                    UringEngine.open(
                            parts.libc(),
                            parts.slots(),
                            parts.memory(),
                            parts.sink(),
                            engineOptions);
            logDropped(ring);
            return ring;
        } catch (EngineRefused e) {
            if (options.engine() == EngineKind.URING) {
                throw new EngineUnavailableException(
                        "the engine uring was asked for, but " + e.getMessage(),
                        Errno.of(e.errno()),
                        e);
            }
            if (FALLBACK_LOGGED.compareAndSet(false, true)) {
                Log.LOG.info("running on epoll and threads: {}", e.getMessage());
            }
            return pool(parts, engineOptions);
        }
    }

    private static void logDropped(Engine ring) {
        if (!ring.capabilities().dropped().isEmpty() && DROPPED_LOGGED.compareAndSet(false, true)) {
            Log.LOG.info(
                    "this kernel's io_uring lacks {}: running without",
                    ring.capabilities().dropped());
        }
    }

    private static Engine pool(Parts parts, EngineOptions options) {
        return PoolEngine.open(parts.libc(), parts.slots(), parts.memory(), parts.sink(), options);
    }
}
