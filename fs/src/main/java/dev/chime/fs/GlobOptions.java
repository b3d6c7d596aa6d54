package dev.chime.fs;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where and how {@link Fs#glob} looks.
 *
 * <p>In a pattern {@code *} and {@code ?} stand for characters of a name, {@code [a-z]} and {@code
 * [!a-z]} for one of them, {@code {a,b}} and {@code {1..9}} for alternatives, {@code **} for
 * directories in any number, at the end for all that is below; a slash at the end asks for
 * directories, a backslash takes the next character as it is. Links are followed where a pattern
 * names them. What cannot be read is passed over.
 *
 * @param cwd the directory that patterns and results are relative to
 * @param exclude patterns of what is left out, directories with all that is in them; they match
 *     names that begin with a dot, too
 * @param excludeIf says of an entry whether it is left out, a directory with all that is in it;
 *     null leaves out none
 * @param followSymlinks whether {@code **} goes into directories by way of links
 * @param dot whether {@code *}, {@code ?}, classes and {@code **} match names that begin with a dot
 */
public record GlobOptions(
        Path cwd,
        List<String> exclude,
        @Nullable Predicate<Dirent> excludeIf,
        boolean followSymlinks,
        boolean dot) {
    private static final GlobOptions DEFAULTS =
            new GlobOptions(Path.of(""), List.of(), null, false, false);

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException when a pattern to exclude is none
     */
    public GlobOptions {
        Arguments.path(cwd);
        Arguments.notNull(exclude, "exclude");
        exclude = List.copyOf(exclude);
        GlobPattern.parse(exclude, true);
    }

    /** Below the process's working directory; hidden names only where a pattern begins so. */
    public static GlobOptions defaults() {
        return DEFAULTS;
    }

    /** These options in another directory. */
    public GlobOptions cwd(Path directory) {
        return new GlobOptions(directory, exclude, excludeIf, followSymlinks, dot);
    }

    /** These options without what matches one of the patterns. */
    public GlobOptions exclude(String... patterns) {
        return new GlobOptions(cwd, List.of(patterns), excludeIf, followSymlinks, dot);
    }

    /** These options without what somebody chooses. */
    public GlobOptions excludeIf(Predicate<Dirent> chosen) {
        return new GlobOptions(cwd, exclude, chosen, followSymlinks, dot);
    }

    /** These options, with directories behind links or without. */
    public GlobOptions followSymlinks(boolean wanted) {
        return new GlobOptions(cwd, exclude, excludeIf, wanted, dot);
    }

    /** These options, with hidden names or without. */
    public GlobOptions dot(boolean wanted) {
        return new GlobOptions(cwd, exclude, excludeIf, followSymlinks, wanted);
    }
}
