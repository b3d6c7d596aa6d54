package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorOptions;
import java.io.IOException;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** What {@link RefusalsTest} runs in another process, where the system refuses a lot. */
final class RefusalsProgram {
    private static final int RLIMIT_NOFILE = 7;
    private static final int ENOUGH_FILES = 1024;
    private static final int LONGEST_NAME = 255;
    private static final MkdirOptions PARENTS = MkdirOptions.defaults().recursive(true);
    private static final RmOptions TREE = RmOptions.defaults().recursive(true);
    private static final CpOptions COPY = CpOptions.defaults().recursive(true);

    private final TreeMap<String, String> lines = new TreeMap<>();
    private final ReactorOptions options;
    private final Path root;

    private RefusalsProgram(ReactorOptions options, Path root) {
        this.options = options;
        this.root = root;
    }

    /** Notes what a call says. */
    private final class Told<T> implements Callback<T>, Done {
        private final String name;

        Told(String name) {
            this.name = name;
        }

        @Override
        public void call(ReactorException err, T value) {
            call(err);
            switch (value) {
                case FileHandle file -> file.close(closed -> {});
                case Dir opened -> opened.close(closed -> {});
                case Root below -> below.close(closed -> {});
                case null, default -> {}
            }
        }

        @Override
        public void call(ReactorException err) {
            String said = err == null ? "ok" : err.getMessage();
            String known = said.replaceFirst("/x-\\w{6}'", "/x-XXXXXX'");
            String line = name + ": " + known.replaceFirst(": the user has.*", "");
            line = line.replaceFirst("n{256}(\\w{6})?", "LONG");
            String twice = lines.put(name, line.replace(root.toString(), "D"));
            if (twice != null) {
                lines.put(name, "twice: " + twice);
            }
        }
    }

    private interface Calls {
        void make(Fs fs) throws Exception;
    }

    /** Arguments: engine, and a directory with the file systems "ro" and "other" in it. */
    public static void main(String[] args) throws Exception {
        ReactorOptions options = ReactorOptions.defaults().engine(EngineKind.valueOf(args[0]));
        RefusalsProgram program = new RefusalsProgram(options, Path.of(args[1]));
        program.prepare();
        Process busy = new ProcessBuilder(program.d("sleep").toString(), "60").start();
        try {
            program.run(program::forbidden);
            program.run(program::readOnly);
            program.run(program::across);
            program.run(program::loops);
            program.run(program::longNames);
            program.run(program::busy);
        } finally {
            busy.destroyForcibly().waitFor();
        }
        program.withoutDescriptors();
        program.lines.values().forEach(System.out::println);
    }

    private Path d(String name) {
        return root.resolve(name);
    }

    private <T> Told<T> told(String name) {
        return new Told<>(name);
    }

    private static void written(Fs fs, Path path, Told<Void> told) {
        WriteStream stream = fs.createWriteStream(path);
        stream.onClose(told);
        stream.end();
    }

    private void prepare() throws IOException, InterruptedException {
        for (String name : List.of("closed/in", "fixed/in", "tree/closed")) {
            Files.createDirectories(d(name));
        }
        for (String name : List.of("f", "secret", "closed/f", "fixed/f")) {
            Files.write(d(name), new byte[1]);
        }
        Files.createSymbolicLink(d("loop"), Path.of("loop"));
        Files.copy(Path.of("/bin/sleep"), d("sleep"));
        new ProcessBuilder("chmod", "0", d("closed") + "", d("secret") + "", d("tree/closed") + "")
                .inheritIO()
                .start()
                .waitFor();
        new ProcessBuilder("chmod", "555", d("fixed") + "").inheritIO().start().waitFor();
    }

    private void run(Calls calls) throws Exception {
        Reactor.run(options, reactor -> calls.make(Fs.of(reactor)));
    }

    private void forbidden(Fs fs) {
        fs.open(d("secret"), told("EACCES open"));
        fs.readFile(d("closed/f"), this.<byte[]>told("EACCES readFile"));
        fs.writeFile(d("fixed/new"), "x", told("EACCES writeFile"));
        fs.appendFile(d("secret"), "x", told("EACCES appendFile"));
        fs.writeFileAtomic(d("fixed/f"), "x", told("EACCES writeFileAtomic"));
        fs.truncate(d("secret"), 0, told("EACCES truncate"));
        fs.stat(d("closed/f"), told("EACCES stat"));
        fs.exists(d("closed/f"), told("EACCES exists"));
        fs.access(d("secret"), Set.of(AccessMode.READ), told("EACCES access"));
        fs.chmod(d("closed/f"), 0600, told("EACCES chmod"));
        fs.utimes(d("closed/f"), Instant.EPOCH, null, told("EACCES utimes"));
        fs.readdir(d("closed"), told("EACCES readdir"));
        fs.readdir(
                d("tree"),
                ReaddirOptions.defaults().recursive(true),
                told("EACCES readdir recursive"));
        fs.opendir(d("closed"), told("EACCES opendir"));
        fs.readlink(d("closed/f"), told("EACCES readlink"));
        fs.realpath(d("closed/f"), told("EACCES realpath"));
        fs.mkdir(d("fixed/new"), told("EACCES mkdir"));
        fs.mkdir(d("fixed/new/a/b"), PARENTS, told("EACCES mkdir recursive"));
        fs.mkdir(d("closed/a/b"), PARENTS, told("EACCES mkdir recursive closed"));
        fs.mkdir(d("fixed/in"), PARENTS, told("EACCES mkdir recursive there"));
        fs.mkdtemp(d("fixed/x-").toString(), told("EACCES mkdtemp"));
        fs.unlink(d("fixed/f"), told("EACCES unlink"));
        fs.rmdir(d("fixed/in"), told("EACCES rmdir"));
        fs.rename(d("fixed/f"), d("new"), told("EACCES rename"));
        fs.link(d("f"), d("fixed/new"), told("EACCES link"));
        fs.symlink(Path.of("x"), d("fixed/new"), told("EACCES symlink"));
        fs.rm(d("fixed/f"), told("EACCES rm"));
        fs.rm(d("closed"), TREE, told("EACCES rm recursive"));
        fs.copyFile(d("f"), d("fixed/new"), told("EACCES copyFile"));
        fs.copyFile(d("secret"), d("new"), told("EACCES copyFile from"));
        fs.cp(d("closed"), d("new"), COPY, told("EACCES cp"));
        fs.cp(d("f"), d("fixed/a/f"), COPY, told("EACCES cp into"));
        fs.statfs(d("closed/f"), told("EACCES statfs"));
        fs.watch(d("closed"), event -> {}).onError(told("EACCES watch")::call);
        fs.createReadStream(d("secret")).onClose(told("EACCES read stream")).resume();
        written(fs, d("fixed/new"), told("EACCES write stream"));
        fs.root(
                root,
                (err, below) -> {
                    below.readFile(Path.of("closed/f"), this.<byte[]>told("EACCES root readFile"));
                    below.mkdir(Path.of("fixed/new/a"), PARENTS, told("EACCES root mkdir"));
                    below.unlink(Path.of("fixed/f"), told("EACCES root unlink"));
                    below.close(closed -> {});
                });
    }

    private void readOnly(Fs fs) {
        fs.open(d("ro/f"), "r+", told("EROFS open"));
        fs.writeFile(d("ro/new"), "x", told("EROFS writeFile"));
        fs.appendFile(d("ro/f"), "x", told("EROFS appendFile"));
        fs.writeFileAtomic(d("ro/f"), "x", told("EROFS writeFileAtomic"));
        fs.truncate(d("ro/f"), 0, told("EROFS truncate"));
        fs.access(d("ro/f"), Set.of(AccessMode.WRITE), told("EROFS access"));
        fs.chmod(d("ro/f"), 0600, told("EROFS chmod"));
        fs.utimes(d("ro/f"), Instant.EPOCH, null, told("EROFS utimes"));
        fs.mkdir(d("ro/new"), told("EROFS mkdir"));
        fs.mkdir(d("ro/new/a"), PARENTS, told("EROFS mkdir recursive"));
        fs.mkdir(d("ro/in"), PARENTS, told("EROFS mkdir recursive there"));
        fs.mkdtemp(d("ro/x-").toString(), told("EROFS mkdtemp"));
        fs.unlink(d("ro/f"), told("EROFS unlink"));
        fs.rmdir(d("ro/in"), told("EROFS rmdir"));
        fs.rename(d("ro/f"), d("ro/new"), told("EROFS rename"));
        fs.link(d("ro/f"), d("ro/new"), told("EROFS link"));
        fs.symlink(Path.of("x"), d("ro/new"), told("EROFS symlink"));
        fs.rm(d("ro/in"), TREE, told("EROFS rm"));
        fs.copyFile(d("f"), d("ro/new"), told("EROFS copyFile"));
        written(fs, d("ro/new"), told("EROFS write stream"));
    }

    private void across(Fs fs) {
        fs.rename(d("f"), d("other/f"), told("EXDEV rename"));
        fs.link(d("f"), d("other/f"), told("EXDEV link"));
        fs.root(
                root,
                (err, below) -> {
                    below.rename(Path.of("f"), Path.of("other/f"), told("EXDEV root rename"));
                    below.close(closed -> {});
                });
    }

    private void loops(Fs fs) {
        Path loop = d("loop");
        fs.readFile(loop, this.<byte[]>told("ELOOP readFile"));
        fs.writeFile(loop, "x", told("ELOOP writeFile"));
        fs.writeFileAtomic(loop, "x", told("ELOOP writeFileAtomic"));
        fs.truncate(loop, 0, told("ELOOP truncate"));
        fs.stat(loop, told("ELOOP stat"));
        fs.lstat(loop, told("ELOOP lstat"));
        fs.access(loop, told("ELOOP access"));
        fs.chmod(loop, 0600, told("ELOOP chmod"));
        fs.readdir(loop, told("ELOOP readdir"));
        fs.opendir(loop, told("ELOOP opendir"));
        fs.realpath(loop, told("ELOOP realpath"));
        fs.mkdir(loop.resolve("a/b"), PARENTS, told("ELOOP mkdir recursive"));
        fs.copyFile(loop, d("new"), told("ELOOP copyFile"));
        fs.link(loop.resolve("x"), d("new"), told("ELOOP link"));
        fs.rename(loop.resolve("x"), d("new"), told("ELOOP rename"));
    }

    private void longNames(Fs fs) {
        Path name = d("n".repeat(LONGEST_NAME + 1));
        fs.readFile(name, this.<byte[]>told("ENAMETOOLONG readFile"));
        fs.writeFile(name, "x", told("ENAMETOOLONG writeFile"));
        fs.stat(name, told("ENAMETOOLONG stat"));
        fs.unlink(name, told("ENAMETOOLONG unlink"));
        fs.mkdir(name, told("ENAMETOOLONG mkdir"));
        fs.mkdir(name.resolve("a"), PARENTS, told("ENAMETOOLONG mkdir recursive"));
        fs.rename(d("f"), name, told("ENAMETOOLONG rename"));
        fs.link(d("f"), name, told("ENAMETOOLONG link"));
        fs.symlink(Path.of("x"), name, told("ENAMETOOLONG symlink"));
        fs.copyFile(d("f"), name, told("ENAMETOOLONG copyFile"));
        fs.opendir(name, told("ENAMETOOLONG opendir"));
        fs.exists(name, told("ENAMETOOLONG exists"));
        fs.mkstemp(name.toString(), told("ENAMETOOLONG mkstemp"));
    }

    private void busy(Fs fs) {
        fs.open(d("sleep"), "r+", told("ETXTBSY open"));
        fs.writeFile(d("sleep"), "x", told("ETXTBSY writeFile"));
        fs.truncate(d("sleep"), 0, told("ETXTBSY truncate"));
        fs.copyFile(d("f"), d("sleep"), told("ETXTBSY copyFile"));
        written(fs, d("sleep"), told("ETXTBSY write stream"));
    }

    /** The first time for the classes alone: to load one takes a descriptor, too. */
    private void withoutDescriptors() throws Exception {
        TreeMap<String, String> before = new TreeMap<>(lines);
        run(this::open);
        lines.clear();
        lines.putAll(before);
        run(fs -> {
            Fixtures.limit(RLIMIT_NOFILE, Fixtures.openFiles() - 1);
            open(fs);
        });
        Fixtures.limit(RLIMIT_NOFILE, ENOUGH_FILES);
    }

    private void open(Fs fs) {
        fs.open(d("f"), told("EMFILE open"));
        fs.readFile(d("f"), this.<byte[]>told("EMFILE readFile"));
        fs.writeFile(d("new"), "x", told("EMFILE writeFile"));
        fs.writeFileAtomic(d("f"), "x", told("EMFILE writeFileAtomic"));
        fs.truncate(d("f"), 0, told("EMFILE truncate"));
        fs.readdir(d("tree"), told("EMFILE readdir"));
        fs.opendir(d("tree"), told("EMFILE opendir"));
        fs.copyFile(d("f"), d("new"), told("EMFILE copyFile"));
        fs.cp(d("tree"), d("copy"), COPY, told("EMFILE cp"));
        Watcher watcher = fs.watch(d("tree"), event -> {}).onError(told("EMFILE watch")::call);
        watcher.onReady(watcher::close);
        fs.root(root, told("EMFILE root"));
        fs.createReadStream(d("f")).onClose(told("EMFILE read stream")).resume();
        written(fs, d("new"), told("EMFILE write stream"));
    }
}
