package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Each call that writes: what it says where space ends, and what it leaves. */
enum WritingCall {
    WRITE_FILE("e/new", "write", Left.PREFIX, (w, done) -> w.fs.writeFile(w.to, w.content, done)),
    WRITE_FILE_OVER(
            "d/old", "write", Left.PREFIX, (w, done) -> w.fs.writeFile(w.to, w.content, done)),
    WRITE_CHUNKS(
            "e/new", "write", Left.PREFIX, (w, done) -> w.fs.writeFile(w.to, w.thirds(), done)),
    APPEND_FILE(
            "d/old", "write", Left.APPENDED, (w, done) -> w.fs.appendFile(w.to, w.content, done)),
    ATOMIC(
            "d/old",
            "write '%d'",
            Left.OLD,
            (w, done) -> w.fs.writeFileAtomic(w.to, w.content, done)),
    ATOMIC_NEW(
            "e/new",
            "write '%d'",
            Left.NOTHING,
            (w, done) -> w.fs.writeFileAtomic(w.to, w.content, done)),
    ATOMIC_CHUNKS(
            "d/old",
            "write '%d'",
            Left.OLD,
            (w, done) -> w.fs.writeFileAtomic(w.to, w.thirds(), AtomicOptions.defaults(), done)),
    ATOMIC_UNFLUSHED(
            "d/old",
            "write '%d'",
            Left.OLD,
            (w, done) ->
                    w.fs.writeFileAtomic(
                            w.to, w.content, AtomicOptions.defaults().flush(false), done)),
    HANDLE_WRITE_FILE(
            "e/new",
            "write",
            Left.PREFIX,
            (w, done) -> w.open("w", done, (file, end) -> file.writeFile(w.content, end))),
    HANDLE_CHUNKS(
            "e/new",
            "write",
            Left.PREFIX,
            (w, done) -> w.open("w", done, (file, end) -> file.writeFile(w.thirds(), end))),
    HANDLE_APPEND(
            "d/old",
            "write",
            Left.APPENDED,
            (w, done) -> w.open("a", done, (file, end) -> file.appendFile(w.content, end))),
    HANDLE_WRITE(
            "e/new",
            "write",
            Left.PREFIX,
            (w, done) -> w.open("w", done, (file, end) -> file.write(w.content, w.counted(end)))),
    HANDLE_WRITE_AT(
            "e/new",
            "write",
            Left.PREFIX,
            (w, done) ->
                    w.open("w", done, (file, end) -> file.write(w.content, 0, w.counted(end)))),
    HANDLE_WRITEV(
            "e/new",
            "write",
            Left.PREFIX,
            (w, done) -> w.open("w", done, (file, end) -> w.writev(file, end))),
    WRITE_AND_SYNC(
            "e/new",
            "write",
            Left.PREFIX,
            (w, done) ->
                    w.open(
                            "w",
                            done,
                            (file, end) -> file.writeAndSync(w.content, 0, w.counted(end)))),
    STREAM(
            "e/new",
            "write",
            Left.PREFIX,
            (w, done) -> {
                WriteStream stream = w.fs.createWriteStream(w.to);
                stream.onClose(done::call);
                w.thirds().forEach(stream::write);
                stream.end();
            }),
    STREAM_COPY(
            "e/new",
            "write",
            Left.PREFIX,
            (w, done) ->
                    w.fs.createReadStream(w.source())
                            .pipe(w.fs.createWriteStream(w.to).onClose(done::call))),
    COPY_FILE(
            "e/new",
            "copyfile '%s' -> '%d'",
            Left.NOTHING,
            (w, done) -> w.fs.copyFile(w.source(), w.to, done)),
    COPY_FILE_OVER(
            "d/old",
            "copyfile '%s' -> '%d'",
            Left.NOTHING,
            (w, done) -> w.fs.copyFile(w.source(), w.to, done)),
    CP_FILE(
            "e/new",
            "copyfile '%s' -> '%d'",
            Left.NOTHING,
            (w, done) -> w.fs.cp(w.source(), w.to, done)),
    CP_TREE(
            "e/copy/tree/new",
            "copyfile '%s' -> '%d'",
            Left.NOTHING,
            (w, done) ->
                    w.fs.cp(
                            w.root.resolve("c"),
                            w.root.resolve("e/copy"),
                            CpOptions.defaults().recursive(true),
                            done)),
    ROOT_WRITE_FILE(
            "e/new",
            "write",
            Left.PREFIX,
            (w, done) -> w.below(done, (root, end) -> root.writeFile(w.name, w.content, end))),
    ROOT_APPEND_FILE(
            "d/old",
            "write",
            Left.APPENDED,
            (w, done) -> w.below(done, (root, end) -> root.appendFile(w.name, w.content, end))),
    ROOT_ATOMIC(
            "d/old",
            "write '%n'",
            Left.OLD,
            (w, done) ->
                    w.below(done, (root, end) -> root.writeFileAtomic(w.name, w.content, end))),
    ROOT_COPY_FILE(
            "e/new",
            "copyfile '" + Before.SOURCE + "' -> '%n'",
            Left.NOTHING,
            (w, done) ->
                    w.below(
                            done,
                            (root, end) -> root.copyFile(Path.of(Before.SOURCE), w.name, end))),
    ROOT_STREAM(
            "e/new",
            "write",
            Left.PREFIX,
            (w, done) ->
                    w.below(
                            done,
                            (root, end) -> {
                                WriteStream stream = root.createWriteStream(w.name);
                                stream.onClose(end::call);
                                stream.write(w.content);
                                stream.end();
                            }));

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
        void with(Work work, Done done) throws Exception;
    }

    private interface On<T> {
        void with(T opened, Done end) throws Exception;
    }

    /**
     * What a call works with.
     *
     * @param to where it writes
     * @param name the same, seen from the root
     */
    private record Work(Reactor reactor, Fs fs, Path root, Path to, Path name, byte[] content) {
        Path source() {
            return root.resolve(Before.SOURCE);
        }

        List<byte[]> thirds() {
            int third = content.length / 3;
            return List.of(
                    Arrays.copyOfRange(content, 0, third),
                    Arrays.copyOfRange(content, third, 2 * third),
                    Arrays.copyOfRange(content, 2 * third, content.length));
        }

        void open(String flags, Done done, On<FileHandle> use) {
            fs.open(
                    to,
                    flags,
                    (err, file) ->
                            use.with(file, failed -> file.close(closed -> done.call(failed))));
        }

        void below(Done done, On<Root> use) {
            fs.root(
                    root,
                    (err, below) ->
                            use.with(below, failed -> below.close(closed -> done.call(failed))));
        }

        /** What is told of a write: all, or an error. */
        WriteCallback counted(Done end) {
            return (err, n) -> {
                check(err != null || n == content.length, n);
                end.call(err);
            };
        }

        private static void check(boolean right, long bytes) {
            if (!right) {
                throw new AssertionError("told of " + bytes + " bytes");
            }
        }

        void writev(FileHandle file, Done end) {
            List<Buffer> buffers =
                    thirds().stream().map(each -> Fixtures.buffer(reactor, each)).toList();
            file.writev(
                    buffers,
                    (err, n, given) -> {
                        check(file.position() == n, n);
                        end.call(err);
                    });
            buffers.forEach(Buffer::release);
        }
    }

    /** What is on the disk before. */
    static final class Before {
        /** A content of several pieces. */
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

    private static byte[] appended(byte[] more) {
        byte[] all = Arrays.copyOf(Before.OLD, Before.OLD.length + more.length);
        System.arraycopy(more, 0, all, Before.OLD.length, more.length);
        return all;
    }

    /** Writes {@code content}, which is also what is at {@link Before#SOURCE}. */
    void start(Reactor reactor, Path root, byte[] content, Done done) throws Exception {
        Path name = Path.of(target);
        use.with(new Work(reactor, Fs.of(reactor), root, target(root), name, content), done);
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
                .replace("%n", target)
                .replace("%s", root.resolve(Before.SOURCE).toString());
    }

    /** What is at the target when {@code bytes} of the content had room; null: no file. */
    byte[] left(byte[] content, int bytes) {
        byte[] prefix = Arrays.copyOf(content, bytes);
        return switch (left) {
            case OLD -> Before.OLD;
            case PREFIX -> prefix;
            case APPENDED -> appended(prefix);
            case NOTHING -> null;
        };
    }

    /** What is at the target when all had room. */
    byte[] whole(byte[] content) {
        return left == Left.APPENDED ? appended(content) : content;
    }
}
