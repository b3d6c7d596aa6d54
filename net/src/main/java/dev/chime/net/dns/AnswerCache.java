package dev.chime.net.dns;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers that may still be used; those not used for the longest time make room. */
final class AnswerCache {
    private record Entry(Answer answer, long since) {}

    private final int limit;
    private final LinkedHashMap<Question, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /** Remembers {@code limit} answers at the most. */
    AnswerCache(int limit) {
        this.limit = limit;
    }

    /** Remembers an answer that came at {@code now}, in nanoseconds, if it may be. */
    void put(Question question, Answer answer, long now) {
        if (answer.ttl() <= 0 || limit == 0) {
            return;
        }
        entries.put(question, new Entry(answer, now));
        if (entries.size() > limit) {
            Map.Entry<Question, Entry> eldest = entries.firstEntry();
            entries.remove(eldest.getKey());
        }
    }

    /** The answer, as old as it is now; null when there is none that may be used. */
    @Nullable Answer get(Question question, long now) {
        Entry entry = entries.get(question);
        if (entry == null) {
            return null;
        }
        long age = TimeUnit.NANOSECONDS.toSeconds(now - entry.since);
        if (age >= entry.answer.ttl()) {
            entries.remove(question);
            return null;
        }
        return entry.answer.aged(age);
    }

    int size() {
        return entries.size();
    }

    void clear() {
        entries.clear();
    }
}
