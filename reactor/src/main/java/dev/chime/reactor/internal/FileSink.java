package dev.chime.reactor.internal;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.stream.Writable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream's end to which the kernel can bring bytes of a file, so that they do not come through
 * this process. One such copy is asked for at a time. Loop thread only.
 */
public interface FileSink {
    /**
     * Has the kernel copy bytes of a file behind what has been written. {@code copied} hears once,
     * later, how many have come; when none has, the reason shows when they are read and written.
     *
     * @param source stays open until then, or the copy ends
     * @param at where in the file
     * @param bytes how many, at least 1; fewer may come
     * @return false when this is no moment for it, and {@code copied} will hear nothing
     */
    boolean copyFrom(Fd source, long at, int bytes, IntConsumer copied);

    /** Ends the copy under way, which still says how much has come. */
    void cancelCopy();

    /** That of a stream; null where there is none. */
    static @Nullable FileSink of(@Nullable Writable stream) {
        if (stream == null || stream instanceof FileSink) {
            return (FileSink) stream;
        }
        Function<Writable, FileSink> known = Known.SINKS.get(stream.getClass());
        return known == null ? null : known.apply(stream);
    }

    /** Says how a public class of streams, whose users need not see it, comes to its sink. */
    static <W extends Writable> void register(Class<W> type, Function<W, FileSink> sink) {
        Known.SINKS.put(type, stream -> sink.apply(type.cast(stream)));
    }

    /** Classes that have a sink. */
    final class Known {
        private static final Map<Class<?>, Function<Writable, FileSink>> SINKS =
                new ConcurrentHashMap<>();

        private Known() {}
    }
}
