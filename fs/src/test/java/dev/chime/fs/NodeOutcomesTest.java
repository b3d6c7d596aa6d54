package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.Callback;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** The same calls here and in Node give the same values, and leave the same files. */
class NodeOutcomesTest {
    private static final String SCRIPT =
            """
            const here = process.argv[1];
            const relative = path => path === undefined ? '' : path.replace(here, '@');
            const parents = {recursive: true};
            fs.cp(p('tree'), p('cp/plain'), parents, out('cp'));
            fs.cp(p('tree'), p('cp/verbatim'), {...parents, verbatimSymlinks: true},
                out('cp verbatim'));
            fs.cp(p('tree/sub'), p('cp/dereferenced'), {...parents, dereference: true},
                out('cp dereference'));
            fs.cp(p('tree/sub'), p('merged'), parents, out('cp merge'));
            fs.cp(p('tree/sub'), p('kept'), {...parents, force: false}, out('cp keep'));
            fs.cp(p('tree/rel'), p('cp/link'), out('cp link'));
            fs.cp(p('tree/rel'), p('cp/followed'), {dereference: true}, out('cp followed link'));
            fs.cp(p('old.t'), p('cp/made/parents/old.t'), {preserveTimestamps: true},
                out('cp file with times'));
            fs.cp(p('file'), p('overlink'), out('cp over a link'));
            fs.cp(p('file'), p('filtered'), {filter: () => false}, out('cp filtered'));
            fs.copyFile(p('file'), p('copy'), out('copyFile'));
            fs.copyFile(p('file'), p('longer'), out('copyFile over a longer file'));
            fs.copyFile(p('tree/rel'), p('copyoflink'), out('copyFile of a link'));
            fs.copyFile(p('file'), p('through'), out('copyFile over a link'));
            fs.rm(p('linktodir'), out('rm link to a directory'));
            fs.rm(p('linktodir2'), parents, out('rm recursive link to a directory'));
            fs.rm(p('removed'), parents, out('rm recursive'));
            fs.rm(p('none'), {force: true}, out('rm force'));
            fs.rm(p('none/x'), {force: true, recursive: true}, out('rm force below nothing'));
            fs.rm(p('single'), parents, out('rm recursive of a file'));
            fs.mkdir(p('m/a/b'), parents, out('mkdir recursive', relative));
            fs.mkdir(p('full/in'), parents, out('mkdir recursive existing', relative));
            fs.mkdir(p('full/c/d/'), parents, out('mkdir recursive slash', relative));
            fs.mkdir(p('bylink/e/f'), parents, out('mkdir recursive by a link', relative));
            fs.mkdir(p('mode'), {recursive: true, mode: 0o751}, out('mkdir mode', relative));
            fs.truncate(p('cut'), 2, out('truncate down'));
            fs.truncate(p('grown'), 12, out('truncate up'));
            fs.writeFile(p('private'), 'x', {mode: 0o666}, out('writeFile mode'));
            fs.writeFile(p('exec'), 'new', {mode: 0o600}, out('writeFile existing'));
            fs.writeFile(p('patched'), 'AB', {flag: 'r+'}, out('writeFile r+'));
            fs.writeFile(p('written'), 'through', out('writeFile through a link'));
            fs.appendFile(p('appended'), '+', out('appendFile'));
            fs.access(p('dir000'), fs.constants.X_OK, out('access x of a directory'));
            fs.access(p('exec'), fs.constants.R_OK | fs.constants.X_OK, out('access rx'));
            fs.access(p('tree/dangling'), out('access dangling', relative));
            fs.exists(p('tree/dangling'), there => out('exists dangling', String)(null, there));
            fs.realpath.native(p('tree/../chain1'), out('realpath chain', relative));
            fs.realpath.native(p('tree/todir/./up'), out('realpath of a link', relative));
            const types = {withFileTypes: true, recursive: true};
            const type = e => e.isFile() ? 'FILE' : e.isDirectory() ? 'DIRECTORY' : 'SYMLINK';
            fs.promises.readdir(p('listed'), types).then(entries =>
                console.log('readdir recursive|ok|' + entries
                    .map(e => relative(e.path + '/' + e.name) + ' ' + type(e)).sort().join(' ')));
            fs.utimes(p('times.t'), 1000.5, 2000.25, out('utimes'));
            fs.lutimes(p('link.t'), 1000, 3000, out('lutimes'));
            fs.rename(p('from'), p('over'), out('rename over a file'));
            fs.rename(p('fromdir'), p('overdir'), out('rename over an empty directory'));
            fs.link(p('file'), p('second'), out('link'));
            fs.symlink('any/../where', p('symbolic'), out('symlink'));
            fs.readlink(p('tree/dangling'), out('readlink', String));
            fs.chmod(p('chmod'), 0o4711, out('chmod'));
            """;

    @TempDir Path temporary;
    private Path directory;
    private Node node;

    private Path path(String name) {
        return directory.resolve(name);
    }

    private void file(String name, String content) throws IOException {
        Files.createDirectories(path(name).getParent());
        Files.writeString(path(name), content);
    }

    private void link(String name, Path target) throws IOException {
        Files.createSymbolicLink(path(name), target);
    }

    private void prepare(Path top) throws IOException {
        directory = Files.createDirectory(top);
        file("tree/f", "f");
        file("tree/sub/g", "g");
        link("tree/rel", Path.of("f"));
        link("tree/abs", path("tree/f"));
        link("tree/dangling", Path.of("nothing/there"));
        link("tree/todir", Path.of("sub"));
        link("tree/sub/up", Path.of("../f"));
        for (String name : "file cut grown patched appended single chmod from".split(" ")) {
            file(name, "content");
        }
        Files.setPosixFilePermissions(path("file"), PosixFilePermissions.fromString("rw-r----x"));
        file("exec", "#!");
        Files.setPosixFilePermissions(path("exec"), PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String name : "old.t times.t target".split(" ")) {
            file(name, "old");
        }
        Files.setLastModifiedTime(path("old.t"), FileTime.from(Instant.ofEpochSecond(999)));
        link("link.t", Path.of("target"));
        file("merged/g", "was here");
        file("merged/h", "stays");
        file("kept/g", "was here");
        file("longer", "longer than the other content");
        file("over", "was here");
        file("removed/a/b", "x");
        link("removed/out", Path.of("../target"));
        file("full/in/x", "x");
        file("fromdir/x", "x");
        Files.createDirectory(path("overdir"));
        Files.createDirectory(path("dir000"));
        Files.setPosixFilePermissions(path("dir000"), Set.of());
        for (String name : "overlink through written".split(" ")) {
            file("targets/" + name, "target of " + name);
            link(name, Path.of("targets/" + name));
        }
        file("listed/a/b/c", "x");
        link("listed/link", Path.of("a"));
        link("linktodir", Path.of("full"));
        link("linktodir2", Path.of("full"));
        link("bylink", Path.of("full"));
        link("chain1", Path.of("chain2"));
        link("chain2", path("tree/abs"));
    }

    @EngineTest
    void calls_leaveWhatNodeLeaves(EngineKind engine) throws Exception {
        prepare(temporary.resolve("nodes"));
        Map<String, String> nodes = Node.run(SCRIPT, directory);
        String left = describe();
        prepare(temporary.resolve("ours"));
        node = new Node(directory);
        Reactors.run(engine, reactor -> trees(Fs.of(reactor)));
        Reactors.run(engine, reactor -> files(Fs.of(reactor)));
        Reactors.run(engine, reactor -> names(Fs.of(reactor)));
        nodes.replaceAll((name, line) -> line.replace("/nodes/", "/ours/"));
        node.assertSame(nodes);
        assertEquals(left, describe());
    }

    /** Every file: type, mode, links, and content or target. */
    private String describe() throws IOException {
        try (Stream<Path> below = Files.walk(directory)) {
            return below.sorted().map(this::describe).collect(Collectors.joining("\n"));
        }
    }

    private String describe(Path path) {
        try {
            Map<String, Object> facts = Files.readAttributes(path, "unix:*", NOFOLLOW_LINKS);
            String text = directory.relativize(path) + " %o ".formatted((int) facts.get("mode"));
            if (path.toString().endsWith(".t")) {
                text += facts.get("lastModifiedTime") + " ";
            }
            if (Files.isSymbolicLink(path)) {
                String target = Files.readSymbolicLink(path).toString();
                return text + "-> " + target.replace(directory.toString(), "@");
            }
            return Files.isDirectory(path)
                    ? text
                    : text + facts.get("nlink") + " " + Files.readString(path);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void trees(Fs fs) {
        CpOptions tree = CpOptions.defaults().recursive(true);
        fs.cp(path("tree"), path("cp/plain"), tree, node.heard("cp"));
        fs.cp(
                path("tree"),
                path("cp/verbatim"),
                tree.verbatimSymlinks(true),
                node.heard("cp verbatim"));
        fs.cp(
                path("tree/sub"),
                path("cp/dereferenced"),
                tree.dereference(true),
                node.heard("cp dereference"));
        fs.cp(path("tree/sub"), path("merged"), tree, node.heard("cp merge"));
        fs.cp(path("tree/sub"), path("kept"), tree.force(false, false), node.heard("cp keep"));
        CpOptions one = CpOptions.defaults();
        fs.cp(path("tree/rel"), path("cp/link"), node.heard("cp link"));
        fs.cp(
                path("tree/rel"),
                path("cp/followed"),
                one.dereference(true),
                node.heard("cp followed link"));
        fs.cp(
                path("old.t"),
                path("cp/made/parents/old.t"),
                one.preserveTimestamps(true),
                node.heard("cp file with times"));
        fs.cp(path("file"), path("overlink"), node.heard("cp over a link"));
        fs.cp(
                path("file"),
                path("filtered"),
                one.filter((from, to) -> false),
                node.heard("cp filtered"));
        RmOptions recursive = RmOptions.defaults().recursive(true);
        RmOptions force = RmOptions.defaults().force(true);
        fs.rm(path("linktodir"), node.heard("rm link to a directory"));
        fs.rm(path("linktodir2"), recursive, node.heard("rm recursive link to a directory"));
        fs.rm(path("removed"), recursive, node.heard("rm recursive"));
        fs.rm(path("none"), force, node.heard("rm force"));
        fs.rm(path("none/x"), force.recursive(true), node.heard("rm force below nothing"));
        fs.rm(path("single"), recursive, node.heard("rm recursive of a file"));
    }

    private void files(Fs fs) {
        fs.copyFile(path("file"), path("copy"), node.heard("copyFile"));
        fs.copyFile(path("file"), path("longer"), node.heard("copyFile over a longer file"));
        fs.copyFile(path("tree/rel"), path("copyoflink"), node.heard("copyFile of a link"));
        fs.copyFile(path("file"), path("through"), node.heard("copyFile over a link"));
        fs.truncate(path("cut"), 2, node.heard("truncate down"));
        fs.truncate(path("grown"), 12, node.heard("truncate up"));
        WriteOptions plain = WriteOptions.defaults();
        fs.writeFile(path("private"), bytes("x"), plain.mode(0666), node.heard("writeFile mode"));
        fs.writeFile(
                path("exec"), bytes("new"), plain.mode(0600), node.heard("writeFile existing"));
        fs.writeFile(path("patched"), bytes("AB"), plain.flags("r+"), node.heard("writeFile r+"));
        fs.writeFile(path("written"), "through", node.heard("writeFile through a link"));
        fs.appendFile(path("appended"), "+", node.heard("appendFile"));
        fs.utimes(
                path("times.t"),
                Instant.ofEpochMilli(1000_500),
                Instant.ofEpochMilli(2000_250),
                node.heard("utimes"));
        fs.lutimes(
                path("link.t"),
                Instant.ofEpochSecond(1000),
                Instant.ofEpochSecond(3000),
                node.heard("lutimes"));
        fs.chmod(path("chmod"), 04711, node.heard("chmod"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private Callback<Path> relative(String name) {
        return (err, path) ->
                node.note(
                        name,
                        err,
                        path == null ? null : path.toString().replace(directory.toString(), "@"));
    }

    private void names(Fs fs) {
        MkdirOptions parents = MkdirOptions.defaults().recursive(true);
        fs.mkdir(path("m/a/b"), parents, relative("mkdir recursive"));
        fs.mkdir(path("full/in"), parents, relative("mkdir recursive existing"));
        fs.mkdir(Path.of(path("full/c/d") + "/"), parents, relative("mkdir recursive slash"));
        fs.mkdir(path("bylink/e/f"), parents, relative("mkdir recursive by a link"));
        fs.mkdir(path("mode"), parents.mode(0751), relative("mkdir mode"));
        fs.access(
                path("dir000"), Set.of(AccessMode.EXECUTE), node.heard("access x of a directory"));
        fs.access(
                path("exec"), Set.of(AccessMode.READ, AccessMode.EXECUTE), node.heard("access rx"));
        fs.access(path("tree/dangling"), node.heard("access dangling"));
        fs.exists(path("tree/dangling"), node.heard("exists dangling"));
        fs.realpath(path("tree/../chain1"), relative("realpath chain"));
        fs.realpath(path("tree/todir/./up"), relative("realpath of a link"));
        fs.readdir(
                path("listed"),
                ReaddirOptions.defaults().recursive(true),
                (err, entries) ->
                        node.note(
                                "readdir recursive",
                                err,
                                entries.stream()
                                        .map(e -> e.path() + " " + e.type())
                                        .map(text -> text.replace(directory.toString(), "@"))
                                        .sorted()
                                        .collect(Collectors.joining(" "))));
        fs.rename(path("from"), path("over"), node.heard("rename over a file"));
        fs.rename(path("fromdir"), path("overdir"), node.heard("rename over an empty directory"));
        fs.link(path("file"), path("second"), node.heard("link"));
        fs.symlink(Path.of("any/../where"), path("symbolic"), node.heard("symlink"));
        fs.readlink(path("tree/dangling"), node.heard("readlink"));
    }
}
