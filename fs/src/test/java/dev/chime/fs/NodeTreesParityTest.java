package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;

/** What directories and trees refuse: the same code, syscall, path and message as in Node. */
class NodeTreesParityTest {
    private static final String SCRIPT =
            """
            const recursive = {recursive: true};
            fs.readdir(p('none'), out('readdir missing'));
            fs.readdir(p('file'), out('readdir file'));
            fs.readdir(p('loop'), out('readdir loop'));
            fs.readdir(p('file'), {withFileTypes: true}, out('readdir types of a file'));
            fs.promises.readdir(p('none'), recursive).catch(out('readdir recursive missing'));
            fs.opendir(p('none'), out('opendir missing'));
            fs.opendir(p('file'), out('opendir file'));
            fs.realpath.native(p('none'), out('realpath missing'));
            fs.realpath.native(p('loop'), out('realpath loop'));
            fs.realpath.native(p('file/x'), out('realpath below a file'));
            const temporary = name => err => {
                err.path = err.path.replace(/.{6}$/, 'XXXXXX');
                err.message = err.message.replace(/.{6}'$/, "XXXXXX'");
                out(name)(err);
            };
            fs.mkdtemp(p('none/x-'), temporary('mkdtemp missing parent'));
            fs.mkdtemp(p('file/x-'), temporary('mkdtemp below a file'));
            fs.copyFile(p('none'), p('to'), out('copyFile missing'));
            fs.copyFile(p('file'), p('none/to'), out('copyFile missing parent'));
            fs.copyFile(p('file'), p('link'), 1, out('copyFile exclusive'));
            fs.copyFile(p('dir'), p('to2'), out('copyFile directory'));
            fs.copyFile(p('file'), p('dir'), out('copyFile over a directory'));
            fs.copyFile(p('file/x'), p('to'), out('copyFile below a file'));
            fs.copyFile(p('loop'), p('to'), out('copyFile loop'));
            fs.cp(p('none'), p('to'), out('cp missing'));
            fs.cp(p('dir'), p('to'), out('cp directory'));
            fs.cp(p('dir'), p('file'), recursive, out('cp directory over a file'));
            fs.cp(p('file'), p('dir'), out('cp file over a directory'));
            fs.cp(p('dir'), p('dir/in'), recursive, out('cp into itself'));
            fs.cp(p('file'), p('file'), out('cp same'));
            fs.cp(p('fifo'), p('to3'), out('cp fifo'));
            fs.cp(p('file'), p('two'), {errorOnExist: true, force: false}, out('cp existing'));
            fs.cp(p('file/x'), p('to'), out('cp below a file'));
            fs.rm(p('none'), out('rm missing'));
            fs.rm(p('dir'), out('rm directory'));
            fs.rm(p('file/x'), out('rm below a file'));
            fs.rm(p('file/x'), {force: true}, out('rm force below a file'));
            fs.rm(p('none'), recursive, out('rm recursive missing'));
            fs.mkdir(p('file'), recursive, out('mkdir recursive file'));
            fs.mkdir(p('file/x'), recursive, out('mkdir recursive below a file'));
            fs.mkdir(p('file/x/y'), recursive, out('mkdir recursive deep below a file'));
            fs.mkdir(p('loop/x'), recursive, out('mkdir recursive loop'));
            fs.mkdir('', recursive, out('mkdir recursive empty'));
            fs.lutimes(p('file/x'), 1, 1, out('lutimes below a file'));
            fs.lchown(p('file/x'), 1, 1, out('lchown below a file'));
            fs.chown(p('loop'), 1, 1, out('chown loop'));
            fs.utimes(p('loop'), 1, 1, out('utimes loop'));
            const watch = (path, name) => { try { fs.watch(path); } catch (e) { out(name)(e); } };
            watch(p('none'), 'watch missing');
            watch(p('file/x'), 'watch below a file');
            watch(p('loop'), 'watch loop');
            """;

    /** The same changes as below. */
    private static final String WATCHED =
            """
            const told = [];
            const watcher = fs.watch(process.argv[1], (type, name) => {
                told.push(type + ' ' + name);
                if (name === 'end') {
                    watcher.close();
                    console.log('watch|ok|' + told.join(', '));
                }
            });
            fs.writeFileSync(p('a'), '');
            fs.appendFileSync(p('a'), 'x');
            fs.renameSync(p('a'), p('b'));
            fs.utimesSync(p('b'), 0, 0);
            fs.unlinkSync(p('b'));
            fs.mkdirSync(p('d'));
            fs.writeFileSync(p('d/unseen'), '');
            fs.renameSync(p('d'), p('../gone'));
            fs.writeFileSync(p('end'), '');
            """;

    @TempDir Path directory;
    private Node node;

    @EngineTest
    void watch_hearsRawWhatNodeHears(EngineKind engine) throws Exception {
        Path nodes = Files.createDirectories(directory.resolve("nodes/top"));
        Path ours = Files.createDirectories(directory.resolve("ours/top"));
        List<FileEvent> events =
                Watching.until(
                        engine,
                        ours,
                        WatchOptions.defaults(),
                        Watching.created("end"),
                        Changes.in(ours),
                        Changes.in(ours)
                                .file("a")
                                .write("a")
                                .move("a", "b")
                                .times("b")
                                .remove("b")
                                .folder("d")
                                .file("d/unseen")
                                .move("d", "../gone")
                                .file("end"));
        String raw =
                events.stream()
                        .flatMap(event -> event.raw().stream())
                        .map(each -> each.eventType() + " " + each.filename())
                        .collect(Collectors.joining(", "));
        assertEquals(Map.of("watch", "watch|ok|" + raw), Node.run(WATCHED, nodes));
    }

    @EngineTest
    void failingCalls_sayWhatNodeSays(EngineKind engine) throws Exception {
        Files.createDirectory(directory.resolve("dir"));
        Files.createFile(directory.resolve("file"));
        Files.createFile(directory.resolve("two"));
        Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
        Fixtures.fifo(directory);
        Map<String, String> nodes = Node.run(SCRIPT, directory);
        node = new Node(directory);
        Reactors.run(engine, this::directories);
        Reactors.run(engine, reactor -> trees(Fs.of(reactor)));
        node.assertSame(nodes);
        assertEquals(45, nodes.size());
    }

    /** As fs/README.md says. */
    @EngineTest
    void decisions_differFromNode(EngineKind engine) throws Exception {
        Files.createFile(path("file"));
        Map<String, String> nodes =
                Node.run("fs.copyFile(p('file'), p('file'), out('copyFile same'));", directory);
        Heard<Void> same = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).copyFile(path("file"), path("file"), same));
        assertEquals(Map.of("copyFile same", "copyFile same|ok|"), nodes);
        assertEquals("EINVAL", same.errno().code());
    }

    private Path path(String name) {
        return directory.resolve(name);
    }

    private void directories(Reactor reactor) {
        Fs fs = Fs.of(reactor);
        fs.readdir(path("none"), node.heard("readdir missing"));
        fs.readdir(path("file"), node.heard("readdir file"));
        fs.readdir(path("loop"), node.heard("readdir loop"));
        ReaddirOptions types = ReaddirOptions.defaults();
        fs.readdir(path("file"), types, node.heard("readdir types of a file"));
        fs.readdir(path("none"), types.recursive(true), node.heard("readdir recursive missing"));
        fs.opendir(path("none"), node.heard("opendir missing"));
        fs.opendir(path("file"), node.heard("opendir file"));
        fs.realpath(path("none"), node.heard("realpath missing"));
        fs.realpath(path("loop"), node.heard("realpath loop"));
        fs.realpath(path("file/x"), node.heard("realpath below a file"));
        fs.mkdtemp(path("none/x-").toString(), node.heard("mkdtemp missing parent"));
        fs.mkdtemp(path("file/x-").toString(), node.heard("mkdtemp below a file"));
        MkdirOptions parents = MkdirOptions.defaults().recursive(true);
        fs.mkdir(path("file"), parents, node.heard("mkdir recursive file"));
        fs.mkdir(path("file/x"), parents, node.heard("mkdir recursive below a file"));
        fs.mkdir(path("file/x/y"), parents, node.heard("mkdir recursive deep below a file"));
        fs.mkdir(path("loop/x"), parents, node.heard("mkdir recursive loop"));
        fs.mkdir(Path.of(""), parents, node.heard("mkdir recursive empty"));
        Instant time = Instant.EPOCH;
        fs.lutimes(path("file/x"), time, time, node.heard("lutimes below a file"));
        fs.lchown(path("file/x"), 1, 1, node.heard("lchown below a file"));
        fs.chown(path("loop"), 1, 1, node.heard("chown loop"));
        fs.utimes(path("loop"), time, time, node.heard("utimes loop"));
        fs.watch(path("none"), event -> {}).onError(node.<Void>heard("watch missing"));
        fs.watch(path("file/x"), event -> {}).onError(node.<Void>heard("watch below a file"));
        fs.watch(path("loop"), event -> {}).onError(node.<Void>heard("watch loop"));
    }

    private void trees(Fs fs) {
        fs.copyFile(path("none"), path("to"), node.heard("copyFile missing"));
        fs.copyFile(path("file"), path("none/to"), node.heard("copyFile missing parent"));
        CopyOptions once = CopyOptions.defaults().exclusive(true);
        fs.copyFile(path("file"), path("link"), once, node.heard("copyFile exclusive"));
        fs.copyFile(path("dir"), path("to2"), node.heard("copyFile directory"));
        fs.copyFile(path("file"), path("dir"), node.heard("copyFile over a directory"));
        fs.copyFile(path("file/x"), path("to"), node.heard("copyFile below a file"));
        fs.copyFile(path("loop"), path("to"), node.heard("copyFile loop"));
        CpOptions tree = CpOptions.defaults().recursive(true);
        CpOptions careful = CpOptions.defaults().force(false, true);
        fs.cp(path("none"), path("to"), node.heard("cp missing"));
        fs.cp(path("dir"), path("to"), node.heard("cp directory"));
        fs.cp(path("dir"), path("file"), tree, node.heard("cp directory over a file"));
        fs.cp(path("file"), path("dir"), node.heard("cp file over a directory"));
        fs.cp(path("dir"), path("dir/in"), tree, node.heard("cp into itself"));
        fs.cp(path("file"), path("file"), node.heard("cp same"));
        fs.cp(path("fifo"), path("to3"), node.heard("cp fifo"));
        fs.cp(path("file"), path("two"), careful, node.heard("cp existing"));
        fs.cp(path("file/x"), path("to"), node.heard("cp below a file"));
        RmOptions forced = RmOptions.defaults().force(true);
        RmOptions recursive = RmOptions.defaults().recursive(true);
        fs.rm(path("none"), node.heard("rm missing"));
        fs.rm(path("dir"), node.heard("rm directory"));
        fs.rm(path("file/x"), node.heard("rm below a file"));
        fs.rm(path("file/x"), forced, node.heard("rm force below a file"));
        fs.rm(path("none"), recursive, node.heard("rm recursive missing"));
    }
}
