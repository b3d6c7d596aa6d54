package dev.chime.reactor;

import dev.chime.reactor.engine.Op;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The system properties. They are listed in ARCHITECTURE.md. */
final class Settings {
    static final EngineKind ENGINE = EngineKind.parse(System.getProperty("chime.engine", "auto"));
    static final int SQ_ENTRIES = Integer.getInteger("chime.sqEntries", 1024);
    static final int CQ_ENTRIES = Integer.getInteger("chime.cqEntries", 8 * SQ_ENTRIES);
    static final int WORKERS = Integer.getInteger("chime.workers", 4);
    static final Duration STALL_THRESHOLD =
            Duration.ofMillis(Integer.getInteger("chime.stallMillis", 1000));
    static final long MAX_NATIVE_BYTES =
            Long.getLong(
                    "chime.maxNativeBytes", Math.max(64L << 20, Runtime.getRuntime().maxMemory()));
    static final long SEED = Long.getLong("chime.seed", 1);
    static final boolean RESTRICT = !"false".equals(System.getProperty("chime.restrict"));
    static final Set<Op> DENIED = denied(System.getProperty("chime.deny", ""));

    private Settings() {}

    /** Whether new reactors check the use of memory, at a cost; read for each reactor. */
    static boolean poison() {
        return Boolean.getBoolean("chime.poison");
    }

    private static Set<Op> denied(String names) {
        Set<Op> denied = EnumSet.noneOf(Op.class);
        for (String name : names.split(",", -1)) {
            if (!name.isBlank()) {
                denied.add(Op.valueOf(name.strip().toUpperCase(Locale.ROOT)));
            }
        }
        return denied;
    }
}
