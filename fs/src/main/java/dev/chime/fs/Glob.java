package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One {@code glob}: a walk that enters only directories in which something can match.
 *
 * <p>Where all patterns wait for certain names, these are asked for and nothing is listed. What
 * cannot be entered, or is gone, has no entries, as in a shell.
 */
final class Glob extends Steps {
    /** How many directories are listed, and links followed, at once. */
    static final int DIRECTORIES_AT_ONCE = 16;

    private static final Path UP = Path.of("..");

    private final GlobOptions options;
    private final Dir.Visitor visitor;
    private final Done end;
    private final ArrayDeque<Place> waiting = new ArrayDeque<>();
    private int open;
    private int found;
    private boolean satisfied;

    /** Collects the paths of a whole glob. */
    record Collector<T>(Function<Dirent, T> form, Callback<List<T>> callback, List<T> found)
            implements Dir.Visitor, Done {
        Collector(Function<Dirent, T> form, Callback<List<T>> callback) {
            this(form, callback, new ArrayList<>());
        }

        @Override
        public boolean visit(Dirent entry) {
            return found.add(form.apply(entry));
        }

        @Override
        public void call(@Nullable ReactorException err) throws Exception {
            callback.call(err, err == null ? found : Arguments.none());
        }
    }

    /** A directory to look into. */
    private static final class Place {
        final @Nullable Place parent;

        /** As results name it. */
        final Path path;

        final Set<GlobPattern.State> states;
        final Set<GlobPattern.State> excluded;
        final boolean byLink;
        @Nullable Facts facts;

        Place(
                @Nullable Place parent,
                Path path,
                Set<GlobPattern.State> states,
                Set<GlobPattern.State> excluded,
                boolean byLink) {
            this.parent = parent;
            this.path = path;
            this.states = states;
            this.excluded = excluded;
            this.byLink = byLink;
        }

        /** Whether links have led into a directory again that we are in. */
        boolean isInside(Facts directory) {
            for (Place at = parent; at != null; at = at.parent) {
                if (at.facts != null && at.facts.isSameFile(directory)) {
                    return true;
                }
            }
            return false;
        }
    }

    Glob(Core core, List<String> patterns, GlobOptions options, Dir.Visitor visitor, Done end) {
        super(core);
        this.options = options;
        this.visitor = visitor;
        this.end = end;
        List<GlobPattern> wanted = GlobPattern.parse(patterns, options.dot());
        List<GlobPattern> unwanted = GlobPattern.parse(options.exclude(), true);
        begin(Path.of(""), wanted, unwanted, false);
        begin(Path.of("/"), wanted, unwanted, true);
    }

    private void begin(
            Path root, List<GlobPattern> wanted, List<GlobPattern> unwanted, boolean absolute) {
        Set<GlobPattern.State> states = GlobPattern.begin(wanted, absolute);
        if (!states.isEmpty()) {
            waiting.add(new Place(null, root, states, GlobPattern.begin(unwanted, absolute), true));
        }
    }

    Glob start() {
        submit(step(Op.NOP, (slot, result) -> {})); // nothing is visited inside the call
        return this;
    }

    @Override
    void advance() {
        while (open < DIRECTORIES_AT_ONCE && !waiting.isEmpty() && !halted()) {
            enter(waiting.pop());
        }
    }

    /** Where a path of ours is to the kernel. */
    private Path real(Path path) {
        Path whole = options.cwd().resolve(path);
        return whole.toString().isEmpty() ? Path.of(".") : whole;
    }

    private void enter(Place place) {
        Set<Path> names = new LinkedHashSet<>();
        boolean lists = false;
        for (GlobPattern.State state : place.states) {
            Path name = GlobPattern.onlyName(state);
            if (name == null) {
                lists = true;
            } else {
                names.add(name);
            }
        }
        for (Path name : names) {
            if (!lists || name.equals(UP)) { // which no listing shows
                ask(place, name);
            }
        }
        if (lists) {
            open(place);
        }
    }

    private void ask(Place place, Path name) {
        open++;
        Facts.ask(
                this,
                real(place.path.resolve(name)),
                Const.AT_SYMLINK_NOFOLLOW,
                (slot, result) -> {
                    open--;
                    if (result == 0) {
                        take(place, new Dirent(place.path, name, Facts.at(slot.scratch).type()));
                    } else {
                        check(result, "lstat", place.path.resolve(name));
                    }
                });
    }

    private void open(Place place) {
        open++;
        Slot slot =
                step(
                        Op.OPENAT,
                        (completed, fd) -> {
                            if (fd < 0) {
                                open--;
                                check(fd, "scandir", place.path);
                            } else if (options.followSymlinks()) {
                                identify(place, fd);
                            } else {
                                list(place, fd, new ArrayList<>());
                            }
                        });
        slot.fd = Const.AT_FDCWD;
        slot.flags = place.byLink ? Listing.OPEN_NAMED : Listing.OPEN_FOUND;
        NativePath.put(core, slot, real(place.path), 0);
        submit(slot);
    }

    private void identify(Place place, int fd) {
        Facts.ask(
                this,
                fd,
                (slot, result) -> {
                    Facts facts = Facts.at(slot.scratch);
                    if (result < 0 || place.isInside(facts)) {
                        close(fd);
                    } else {
                        place.facts = facts;
                        list(place, fd, new ArrayList<>());
                    }
                });
    }

    private void list(Place place, int fd, List<Dirent> entries) {
        if (halted()) {
            close(fd);
            return;
        }
        try {
            Listing.next(
                    this,
                    fd,
                    (name, type) ->
                            entries.add(
                                    new Dirent(
                                            place.path,
                                            NativePath.decode(name),
                                            FileType.ofEntry(type))),
                    result -> listed(place, fd, entries, result));
        } catch (OutOfMemoryError e) {
            close(fd);
            fail(ErrnoException.file(ErrnoCode.ENOMEM, "scandir", place.path.toString()));
        }
    }

    private void listed(Place place, int fd, List<Dirent> entries, int result) {
        if (result <= 0) {
            close(fd);
            if (result < 0) {
                check(result, "scandir", place.path);
            }
        }
        List<Dirent> candidates = new ArrayList<>();
        for (Dirent entry : entries) {
            GlobPattern.Match match = GlobPattern.match(place.states, entry.file());
            if (match.found || match.foundIfDirectory || !match.inside.isEmpty()) {
                candidates.add(entry);
            }
        }
        entries.clear();
        Listing.types(this, candidates, () -> candidates.forEach(entry -> take(place, entry)));
        if (result > 0) {
            list(place, fd, entries);
        }
    }

    private void close(int fd) {
        open--;
        Closes.forget(core, fd);
    }

    /** An entry that some pattern may want. */
    private void take(Place place, Dirent entry) {
        if (halted() || satisfied) {
            return;
        }
        GlobPattern.Match match = GlobPattern.match(place.states, entry.file());
        GlobPattern.Match unwanted = GlobPattern.match(place.excluded, entry.file());
        boolean isDirectory = entry.isDirectory();
        if (unwanted.found || (unwanted.foundIfDirectory && isDirectory) || isRefused(entry)) {
            return;
        }
        boolean isLink = entry.isSymbolicLink();
        if (match.found || (match.foundIfDirectory && isDirectory)) {
            visit(entry);
        }
        if (isDirectory) {
            descend(place, entry, match.inside, unwanted.inside, false);
        } else if (isLink) {
            if (!options.followSymlinks()) {
                match.inside.removeIf(state -> !state.explicit());
            }
            if (match.foundIfDirectory || !match.inside.isEmpty()) {
                follow(place, entry, match, unwanted);
            }
        }
    }

    private void descend(
            Place place,
            Dirent entry,
            Set<GlobPattern.State> states,
            Set<GlobPattern.State> excluded,
            boolean byLink) {
        if (!states.isEmpty() && !satisfied) {
            waiting.push(new Place(place, entry.path(), states, excluded, byLink));
        }
    }

    /** Finds out whether a link leads to a directory. */
    private void follow(
            Place place, Dirent entry, GlobPattern.Match match, GlobPattern.Match unwanted) {
        Facts.ask(
                this,
                real(entry.path()),
                0,
                (slot, result) -> {
                    if (halted() || satisfied) {
                        return;
                    }
                    if (result == 0 && Facts.at(slot.scratch).isDirectory()) {
                        if (match.foundIfDirectory && !match.found) {
                            visit(entry);
                        }
                        descend(place, entry, match.inside, unwanted.inside, true);
                    }
                });
    }

    private boolean isRefused(Dirent entry) {
        Predicate<Dirent> refuses = options.excludeIf();
        return refuses != null && asks(() -> refuses.test(entry));
    }

    private void visit(Dirent entry) {
        found++;
        if (!asks(() -> visitor.visit(entry)) && !halted()) {
            satisfied = true;
            waiting.clear();
        }
    }

    /** A question to the user. */
    private interface Question {
        boolean ask() throws Exception;
    }

    private boolean asks(Question question) {
        boolean[] answer = {false, false};
        core.call(() -> {
            answer[0] = question.ask();
            answer[1] = true;
        });
        if (!answer[1]) { // it threw, and the uncaught handler knows
            fail(ErrnoException.file(ErrnoCode.ECANCELED, name(), null));
        }
        return answer[0];
    }

    /** What is gone, or not for us to see, has no entries. */
    private void check(int result, String step, Path path) {
        switch (-result) {
            case ErrnoCode.ENOENT, ErrnoCode.ENOTDIR, ErrnoCode.ELOOP, ErrnoCode.EACCES -> {}
            default -> fail(ErrnoException.file(result, step, real(path).toString()));
        }
    }

    @Override
    void conclude(@Nullable ReactorException err) throws Exception {
        ReactorException failure = err;
        if (failure == null && stopped()) {
            failure = stoppedError();
        }
        end.call(failure);
    }

    @Override
    String name() {
        return "glob";
    }

    @Override
    public String toString() {
        return "glob below " + real(Path.of("")) + ", " + found + " found";
    }
}
