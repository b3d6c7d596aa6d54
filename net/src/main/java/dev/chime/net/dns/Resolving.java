package dev.chime.net.dns;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Deferred;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/**
 * A user's call: the names that a name may mean, one after the other, and the aliases that lead on
 * from there.
 */
final class Resolving<R extends DnsRecord> extends Deferred<List<R>> {
    private final Questions questions;
    private final RecordType<R> type;
    private final String syscall;
    private final String subject;
    private final Consumer<Answer> waiter = this::answered;
    private final Set<Name> aliases = new HashSet<>();
    private ArrayDeque<Name> names = new ArrayDeque<>();
    private ResolvConf conf = ResolvConf.DEFAULTS;
    private @Nullable Asking asking;
    private long ttl = Long.MAX_VALUE;
    private boolean nodata;

    /** Errors say {@code syscall} and {@code subject}. */
    Resolving(
            Core core,
            Questions questions,
            RecordType<R> type,
            String syscall,
            String subject,
            Callback<List<R>> callback) {
        super(core, callback);
        this.questions = questions;
        this.type = type;
        this.syscall = syscall;
        this.subject = subject;
    }

    void start(String name) {
        begin();
        questions.configure((err, found) -> configured(name, err, found));
    }

    private void configured(
            String name, @Nullable ReactorException err, @Nullable ResolvConf found) {
        if (isSettled()) {
            return;
        }
        resume();
        if (found == null) {
            fail(err == null ? error("ECANCELED", null) : error(err.code(), err.getMessage()));
            return;
        }
        conf = found;
        ArrayDeque<Name> candidates = Candidates.of(name, type.isAddress(), found);
        if (candidates.isEmpty()) {
            fail(error("EBADNAME", null));
        } else {
            names = candidates;
            ask(names.remove());
        }
    }

    private void ask(Name name) {
        Question question = new Question(name, type);
        Answer known = questions.known(question);
        if (known == null) {
            asking = questions.ask(question, conf, waiter);
        } else {
            answered(known);
        }
    }

    private void answered(Answer answer) {
        asking = null;
        resume();
        ttl = Math.min(ttl, answer.left());
        Name alias = answer.alias();
        String code = answer.code();
        if (alias != null) {
            follow(alias);
        } else if (code == null) {
            records(answer);
        } else if (answer.isNone() && !names.isEmpty()) {
            nodata |= code.equals("ENODATA");
            ttl = Long.MAX_VALUE;
            aliases.clear();
            ask(names.remove());
        } else {
            fail(error(nodata && answer.isNone() ? "ENODATA" : code, answer.hint()));
        }
    }

    private void follow(Name alias) {
        if (aliases.size() < Wire.MOST_ALIASES && aliases.add(alias)) {
            ask(alias);
        } else {
            fail(error("EBADRESP", Wire.circle().hint()));
        }
    }

    private void records(Answer answer) {
        List<R> records;
        try {
            records = answer.read(type, Duration.ofSeconds(ttl));
        } catch (RuntimeException e) { // bytes that dnsjava took and can make nothing of
            fail(error("EBADRESP", "a record cannot be read: " + e));
            return;
        }
        succeed(records);
    }

    private ReactorException error(String code, @Nullable String hint) {
        String message = syscall + " " + code + " " + subject;
        return new ReactorException(
                code, hint == null ? message : message + ": " + hint, abortReason());
    }

    @Override
    protected void giveUp() {
        if (asking != null) {
            Objects.requireNonNull(asking).remove(waiter);
        }
    }

    @Override
    protected ReactorException stopError() {
        return error(Errno.of(stopErrno()).name(), null);
    }

    @Override
    public String kind() {
        return "Dns";
    }

    @Override
    public String toString() {
        return syscall + " " + subject;
    }
}
