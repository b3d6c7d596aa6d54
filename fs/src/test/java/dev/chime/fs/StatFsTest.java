package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;

/** What a file system says of itself, the simulated one too. */
class StatFsTest {
    private static final Path ROOT = Path.of("/");

    @EveryEngine
    void aPathAndAHandle_tellOfTheSameFileSystem(EngineKind engine) {
        Heard<StatFs> byPath = new Heard<>();
        Heard<StatFs> byHandle = new Heard<>();
        Heard<StatFs> closed = new Heard<>();
        Heard<StatFs> missing = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.statfs(ROOT, byPath);
                    fs.statfs(Path.of("/no such name"), missing);
                    fs.open(
                            ROOT,
                            "r",
                            (err, root) -> {
                                root.statfs(byHandle);
                                root.close(e -> root.statfs(closed));
                            });
                });
        StatFs found = byPath.ok();
        assertEquals(found.type(), byHandle.ok().type());
        assertEquals(found.blocks(), byHandle.ok().blocks());
        assertTrue(found.type() != 0 && found.frsize() > 0, found::toString);
        assertEquals(1, Long.bitCount(found.bsize()), found::toString);
        assertTrue(0 < found.bavail() && found.bavail() <= found.bfree(), found::toString);
        assertTrue(found.bfree() <= found.blocks(), found::toString);
        assertTrue(found.ffree() <= found.files(), found::toString);
        assertEquals("EBADF: bad file descriptor, fstatfs", closed.errno().getMessage());
        assertEquals(
                "ENOENT: no such file or directory, statfs '/no such name'",
                missing.errno().getMessage());
    }
}
