package dev.chime.fs;

import dev.chime.reactor.Done;
import java.nio.file.Path;
import java.util.Arrays;

/** Each call that writes: what it says where space ends, and what it leaves. */
enum WritingCall {
    WRITE_FILE(
            "e/new",
            "write",
            Left.PREFIX,
            (fs, r, to, done) -> fs.writeFile(to, Before.CONTENT, done)),
    WRITE_FILE_OVER(
            "d/old",
            "write",
            Left.PREFIX,
            (fs, r, to, done) -> fs.writeFile(to, Before.CONTENT, done)),
    APPEND_FILE(
            "d/old",
            "write",
            Left.APPENDED,
            (fs, r, to, done) -> fs.appendFile(to, Before.CONTENT, done)),
    ATOMIC(
            "d/old",
            "write '%d'",
            Left.OLD,
            (fs, r, to, done) -> fs.writeFileAtomic(to, Before.CONTENT, done)),
    ATOMIC_NEW(
            "e/new",
            "write '%d'",
            Left.NOTHING,
            (fs, r, to, done) -> fs.writeFileAtomic(to, Before.CONTENT, done)),
    HANDLE_WRITE_FILE(
            "e/new",
            "write",
            Left.PREFIX,
            (fs, r, to, done) ->
                    withOpen(
                            fs, to, "w", done, (file, end) -> file.writeFile(Before.CONTENT, end))),
    HANDLE_APPEND(
            "d/old",
            "write",
            Left.APPENDED,
            (fs, r, to, done) ->
                    withOpen(
                            fs,
                            to,
                            "a",
                            done,
                            (file, end) -> file.appendFile(Before.CONTENT, end))),
    WRITE_AND_SYNC(
            "e/new",
            "write",
            Left.PREFIX,
            (fs, r, to, done) ->
                    withOpen(
                            fs,
                            to,
                            "w",
                            done,
                            (file, end) ->
                                    file.writeAndSync(
                                            Before.CONTENT, 0, (err, n) -> end.call(err)))),
    STREAM(
            "e/new",
            "write",
            Left.PREFIX,
            (fs, r, to, done) -> {
                WriteStream stream = fs.createWriteStream(to);
                stream.onClose(done::call);
                for (int at = 0; at < Before.CONTENT.length; at += 100_000) {
                    stream.write(Arrays.copyOfRange(Before.CONTENT, at, at + 100_000));
                }
                stream.end();
            }),
    STREAM_COPY(
            "e/new",
            "write",
            Left.PREFIX,
            (fs, r, to, done) ->
                    fs.createReadStream(r.resolve(Before.SOURCE))
                            .pipe(fs.createWriteStream(to).onClose(done::call))),
    COPY_FILE(
            "e/new",
            "copyfile '%s' -> '%d'",
            Left.NOTHING,
            (fs, r, to, done) -> fs.copyFile(r.resolve(Before.SOURCE), to, done)),
    COPY_FILE_OVER(
            "d/old",
            "copyfile '%s' -> '%d'",
            Left.NOTHING,
            (fs, r, to, done) -> fs.copyFile(r.resolve(Before.SOURCE), to, done)),
    CP_FILE(
            "e/new",
            "copyfile '%s' -> '%d'",
            Left.NOTHING,
            (fs, r, to, done) -> fs.cp(r.resolve(Before.SOURCE), to, done)),
    CP_TREE(
            "e/copy/tree/new",
            "copyfile '%s' -> '%d'",
            Left.NOTHING,
            (fs, r, to, done) ->
                    fs.cp(
                            r.resolve("c"),
                            r.resolve("e/copy"),
                            CpOptions.defaults().recursive(true),
                            done));

    /** What is left of a file to which not all could be written. */
    private enum Left {
        /** What it was before. */
        OLD,
        /** As much of the new content as there was room for. */
        PREFIX,
        /** The old content, and as much of the new. */
        APPENDED,
        /** No file. */
        NOTHING
    }

    private interface Use {
        void with(Fs fs, Path root, Path target, Done done) throws Exception;
    }

    private interface OnFile {
        void with(FileHandle file, Done end);
    }

    /** What is on the disk before. */
    static final class Before {
        /** The content to copy, and what all others write. */
        static final byte[] CONTENT = Fixtures.pattern(300_000);

        static final String SOURCE = "c/tree/new";

        /** What {@link #OLD_NAME} has. */
        static final byte[] OLD = {1, 2, 3};

        static final String OLD_NAME = "d/old";

        private Before() {}
    }

    private final String target;
    private final String step;
    private final Left left;
    private final Use use;

    WritingCall(String target, String step, Left left, Use use) {
        this.target = target;
        this.step = step;
        this.left = left;
        this.use = use;
    }

    private static void withOpen(Fs fs, Path to, String flags, Done done, OnFile use) {
        fs.open(
                to,
                flags,
                (err, file) -> use.with(file, failed -> file.close(closed -> done.call(failed))));
    }

    private static byte[] appended(byte[] more) {
        byte[] all = Arrays.copyOf(Before.OLD, Before.OLD.length + more.length);
        System.arraycopy(more, 0, all, Before.OLD.length, more.length);
        return all;
    }

    void start(Fs fs, Path root, Done done) throws Exception {
        use.with(fs, root, target(root), done);
    }

    /** Where it writes. */
    Path target(Path root) {
        return root.resolve(target);
    }

    /** Whether what was at its target gives its room back. */
    boolean truncates() {
        return this == WRITE_FILE_OVER || this == COPY_FILE_OVER;
    }

    /** Whether it writes behind what is at its target. */
    boolean appends() {
        return left == Left.APPENDED;
    }

    /** The part of an error's message that comes from the call. */
    String step(Path root) {
        return step.replace("%d", target(root).toString())
                .replace("%s", root.resolve(Before.SOURCE).toString());
    }

    /** What is at the target when {@code bytes} of the content had room; null: no file. */
    byte[] left(int bytes) {
        byte[] prefix = Arrays.copyOf(Before.CONTENT, bytes);
        return switch (left) {
            case OLD -> Before.OLD;
            case PREFIX -> prefix;
            case APPENDED -> appended(prefix);
            case NOTHING -> null;
        };
    }

    /** What is at the target when all had room. */
    byte[] whole() {
        return left == Left.APPENDED ? appended(Before.CONTENT) : Before.CONTENT;
    }
}
