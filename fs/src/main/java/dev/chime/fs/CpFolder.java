package dev.chime.fs;

import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A directory that is copied, and its copy; both are open while something is done in them. */
final class CpFolder {
    /** Only what is below is opened by it, so that it need not be readable. */
    static final int OPEN_TO_PASS = Const.O_PATH | Const.O_DIRECTORY | Const.O_CLOEXEC;

    private static final byte[] PARENT = {'.', '.'};

    final @Nullable CpFolder parent;

    /** As users and errors know both. */
    final Path source;

    final Path dest;

    /** Names that nobody has begun with, of what is no directory, as far as its parent says. */
    final ArrayDeque<byte[]> files = new ArrayDeque<>();

    /** And of directories. */
    final ArrayDeque<byte[]> folders = new ArrayDeque<>();

    /** What looked like a file and is a directory. */
    final ArrayDeque<CpEntry> found = new ArrayDeque<>();

    int in = -1;
    int out = -1;

    /** Its copy was not there before: it gets mode and times. */
    boolean created;

    /** Entries that are looked up here, and the listing. */
    int busy;

    /** Folders below it that somebody has begun with. */
    int children;

    boolean listing;
    boolean listed;
    boolean leaving;
    private @Nullable Facts facts;
    private @Nullable Facts copied;

    CpFolder(@Nullable CpFolder parent, Path source, Path dest) {
        this.parent = parent;
        this.source = source;
        this.dest = dest;
    }

    /** Both directories are open. */
    void opened(Facts ofSource, Facts ofDest) {
        facts = ofSource;
        copied = ofDest;
    }

    boolean isOpen() {
        return in >= 0 && out >= 0;
    }

    /** The source, as it was when it was opened. */
    Facts facts() {
        return Objects.requireNonNull(facts);
    }

    /** The copy. */
    Facts copied() {
        return Objects.requireNonNull(copied);
    }

    /** How the copy is opened: what was there before need not be readable. */
    int copyFlags() {
        return created ? Listing.OPEN_NAMED : OPEN_TO_PASS;
    }

    /** Where the source above this is found again, when following links has not led here. */
    NameAt sourceAbove(CpFolder above, boolean byPath) {
        return byPath ? NameAt.of(above.source) : NameAt.below(in, PARENT, above.source);
    }

    NameAt destAbove(CpFolder above, boolean byPath) {
        return byPath ? NameAt.of(above.dest) : NameAt.below(out, PARENT, above.dest);
    }

    /** Whether there are directories in it that nobody has begun with. */
    boolean hasFolders() {
        return !folders.isEmpty() || !found.isEmpty();
    }

    /** Whether all that is in it is copied. */
    boolean isDone() {
        boolean busyOrLeft = !isOpen() || busy > 0 || children > 0 || listing || leaving;
        return !busyOrLeft && listed && files.isEmpty() && !hasFolders();
    }

    /** Whether it only waits for folders below it, of which one can open it again. */
    boolean canWaitClosed() {
        return isOpen() && listed && files.isEmpty() && busy == 0 && children > 0;
    }

    /** Whether following links has led into a directory again that we are in. */
    boolean isInside(Facts directory) {
        for (CpFolder at = this; at != null; at = at.parent) {
            if (at.facts().isSameFile(directory)) {
                return true;
            }
        }
        return false;
    }

    /** Hands both descriptors over. */
    void moveTo(CpFolder other) {
        other.in = in;
        other.out = out;
        in = -1;
        out = -1;
    }

    void close(Core core) {
        if (in >= 0) {
            Closes.forget(core, in);
            in = -1;
        }
        if (out >= 0) {
            Closes.forget(core, out);
            out = -1;
        }
    }

    /** Whether another look may find what an open that failed so did not. */
    static boolean hasChanged(int result) {
        return switch (-result) {
            case ErrnoCode.ELOOP,
                    ErrnoCode.ENOTDIR,
                    ErrnoCode.EISDIR,
                    ErrnoCode.EEXIST,
                    ErrnoCode.EINVAL,
                    ErrnoCode.ENXIO ->
                    true;
            default -> false;
        };
    }
}
