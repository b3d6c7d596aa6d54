package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.AbortController;
import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.SignalCensus;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/** What a signal has ended says why, whatever call it was; and none goes on listening. */
class AbortReasonTest {
    private static final byte[] CONTENT = Fixtures.pattern(700_000);

    @TempDir Path dir;

    /** By the name of the call. */
    private final Map<String, Heard<?>> all = new TreeMap<>();

    private <T> Heard<T> heard(String name) {
        Heard<T> heard = new Heard<>();
        all.put(name, heard);
        return heard;
    }

    /** Starts each kind of call, each with files of its own. */
    private List<Operation> calls(Fs fs, Root root, FileHandle file) {
        Path big = dir.resolve("big");
        CpOptions tree = CpOptions.defaults().recursive(true);
        return List.of(
                fs.readFile(big, this.<byte[]>heard("readFile")),
                fs.readFile(big, UTF_8, this.<String>heard("readFile text")),
                fs.writeFile(dir.resolve("w1"), CONTENT, heard("writeFile")),
                fs.writeFile(dir.resolve("w2"), List.of(CONTENT, CONTENT), heard("writeFile 2")),
                fs.writeFileAtomic(dir.resolve("w3"), CONTENT, heard("writeFileAtomic")),
                fs.open(big, this.<FileHandle>heard("open")),
                fs.stat(big, this.<Stats>heard("stat")),
                fs.access(big, heard("access")),
                fs.truncate(dir.resolve("w4"), 1, heard("truncate")),
                fs.mkdir(dir.resolve("m/n/o"), MkdirOptions.defaults().recursive(true), heard("m")),
                fs.mkdtemp(dir + "/t", this.<Path>heard("mkdtemp")),
                fs.mkstemp(dir + "/s", this.<FileHandle>heard("mkstemp")),
                fs.readdir(dir, ReaddirOptions.defaults().recursive(true), heard("readdir")),
                fs.opendir(dir, this.<Dir>heard("opendir")),
                fs.realpath(big, this.<Path>heard("realpath")),
                fs.copyFile(big, dir.resolve("w5"), heard("copyFile")),
                fs.cp(dir.resolve("tree"), dir.resolve("w6"), tree, heard("cp")),
                fs.rm(dir.resolve("tree"), RmOptions.defaults().recursive(true), heard("rm")),
                fs.glob("**", this.<List<Path>>heard("glob")),
                fs.rename(dir.resolve("old"), dir.resolve("new"), heard("rename")),
                fs.unlink(dir.resolve("gone"), heard("unlink")),
                root.readFile(Path.of("big"), this.<byte[]>heard("root readFile")),
                root.writeFile(Path.of("r1"), CONTENT, heard("root writeFile")),
                root.writeFileAtomic(Path.of("r2"), CONTENT, heard("root writeFileAtomic")),
                root.mkstemp("r3", "", this.<FileHandle>heard("root mkstemp")),
                root.copyFile(Path.of("big"), Path.of("r4"), heard("root copyFile")),
                root.readdir(Path.of(""), this.<List<Path>>heard("root readdir")),
                file.readFile(this.<byte[]>heard("file readFile")),
                file.write(CONTENT, 0, heard("file write")),
                file.writeAndSync(CONTENT, 0, heard("file writeAndSync")),
                file.sync(heard("file sync")),
                file.stat(heard("file stat")));
    }

    private interface Use {
        void of(Reactor reactor, Fs fs, Root root, FileHandle file) throws Exception;
    }

    private void run(EngineKind engine, Use use) {
        MkdirOptions parents = MkdirOptions.defaults().recursive(true);
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.mkdir(
                            dir.resolve("tree/a"),
                            parents,
                            (err, first) ->
                                    fs.writeFile(
                                            dir.resolve("big"),
                                            CONTENT,
                                            written ->
                                                    fs.root(
                                                            dir,
                                                            (e, root) ->
                                                                    fs.open(
                                                                            dir.resolve("file"),
                                                                            "w+",
                                                                            (e2, file) ->
                                                                                    use.of(
                                                                                            reactor,
                                                                                            fs,
                                                                                            root,
                                                                                            file)))));
                });
    }

    private int assertCauses(String code, Throwable reason) {
        int ended = 0;
        for (Map.Entry<String, Heard<?>> call : all.entrySet()) {
            Heard<?> heard = call.getValue();
            heard.assertOnce();
            if (heard.err != null && heard.err.code().equals(code)) {
                assertSame(reason, heard.err.getCause(), call.getKey() + " " + heard.err);
                ended++;
            }
        }
        return ended;
    }

    @EveryEngine
    void abortedBefore_theReasonIsTheCause(EngineKind engine) {
        Exception reason = new IllegalStateException("enough");
        AbortController[] controller = new AbortController[1];
        run(
                engine,
                (reactor, fs, root, file) -> {
                    controller[0] = new AbortController(reactor);
                    controller[0].abort(reason);
                    calls(fs, root, file).forEach(call -> call.abortOn(controller[0].signal()));
                    reactor.onBeforeExit(
                            () -> assertEquals(0, SignalCensus.listeners(controller[0].signal())));
                });
        assertTrue(assertCauses("ECANCELED", reason) >= all.size() - 4);
    }

    @EveryEngine
    void abortedAnyTime_theReasonIsTheCause(EngineKind engine) {
        int ended = 0;
        for (int turns = 0; turns < 6; turns++) {
            int after = turns;
            all.clear();
            AbortController[] controller = new AbortController[1];
            run(
                    engine,
                    (reactor, fs, root, file) -> {
                        controller[0] = new AbortController(reactor);
                        AbortSignal signal = controller[0].signal();
                        AbortSignal any = AbortSignal.any(reactor, signal);
                        calls(fs, root, file).forEach(call -> call.abortOn(any));
                        Fixtures.afterTurns(reactor, after, controller[0]::abort);
                        reactor.onBeforeExit(() -> assertEquals(0, SignalCensus.listeners(any)));
                    });
            Throwable[] reason = new Throwable[1];
            all.values().stream()
                    .filter(heard -> heard.err != null && heard.err.code().equals("ECANCELED"))
                    .forEach(heard -> reason[0] = heard.err.getCause());
            if (reason[0] != null) {
                assertEquals("ABORT_ERR", ((ReactorException) reason[0]).code());
            }
            ended += assertCauses("ECANCELED", reason[0]);
        }
        assertTrue(ended > 20, ended + " ended");
    }

    @EveryEngine
    void cancelAndDeadline_haveNoCause_aTimeoutHas(EngineKind engine) {
        Heard<byte[]> cancelled = new Heard<>();
        Heard<byte[]> late = new Heard<>();
        run(
                engine,
                (reactor, fs, root, file) -> {
                    fs.readFile(dir.resolve("big"), cancelled).cancel();
                    AbortSignal timeout = AbortSignal.timeout(reactor, Duration.ZERO);
                    reactor.setTimeout(
                            5, () -> fs.readFile(dir.resolve("big"), late).abortOn(timeout));
                });
        assertEquals("ECANCELED", cancelled.error().code());
        assertEquals(null, cancelled.err.getCause());
        assertEquals("ETIMEDOUT", late.error().code());
        assertEquals("ETIMEDOUT", ((ReactorException) late.err.getCause()).code());
    }

    @EveryEngine
    void whatTheProgramCancelsThere_hasNotTheReasonOfAnother(EngineKind engine) {
        Heard<byte[]> aborted = new Heard<>();
        Heard<byte[]> read = new Heard<>();
        Heard<Stats> stats = new Heard<>();
        run(
                engine,
                (reactor, fs, root, file) -> {
                    AbortController controller = new AbortController(reactor);
                    Path big = dir.resolve("big");
                    Operation[] others = new Operation[2];
                    fs.readFile(
                                    big,
                                    (err, bytes) -> {
                                        aborted.call(err, bytes);
                                        others[0] = fs.readFile(big, read);
                                        others[1] = fs.stat(big, stats);
                                        List.of(others).forEach(Operation::cancel);
                                    })
                            .abortOn(controller.signal());
                    controller.abort();
                });
        assertEquals("ABORT_ERR", ((ReactorException) aborted.error().getCause()).code());
        assertEquals("ECANCELED", read.error().code());
        assertEquals(null, read.err.getCause());
        assertEquals(null, stats.error().getCause());
    }
}
