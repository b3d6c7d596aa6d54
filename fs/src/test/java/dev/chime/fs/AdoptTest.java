package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Descriptor;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.HeldDescriptor;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Open files that change hands by a descriptor. */
class AdoptTest {
    @TempDir Path directory;

    @EngineTest
    void duplicate_isTheSameFile_alsoWhenTheFirstHandleIsClosed(EngineKind engine)
            throws Exception {
        Path path = Fixtures.file(directory, "f", "0123456789".getBytes(UTF_8));
        List<String> heard = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) -> {
                    Descriptor second = file.duplicate();
                    assertTrue(second.isOpen());
                    assertFalse(second.isSocket());
                    file.close(err -> {
                        assertThrows(ErrnoException.class, file::duplicate);
                        FileHandle adopted = FileHandle.adopt(reactor, second);
                        assertFalse(second.isOpen());
                        assertThrows(
                                IllegalStateException.class,
                                () -> FileHandle.adopt(reactor, second));
                        assertEquals(0, adopted.position());
                        Buffer buffer = reactor.buffer(4);
                        adopted.read(
                                buffer,
                                (failed, n, b) -> {
                                    heard.add(b.toString(UTF_8) + " " + adopted.position());
                                    adopted.close(closed -> heard.add("closed " + closed));
                                });
                        buffer.release();
                    });
                });
        assertEquals(List.of("0123 4", "closed null"), heard);
    }

    @EngineTest
    void position_isWhereTheOtherOwnerLeftIt(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", new byte[100]);
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    Descriptor moved = file.duplicate();
                    Core core = Core.of(reactor);
                    int number = HeldDescriptor.check(core, moved).number();
                    assertEquals(42, core.syscall(Sys.LSEEK, number, 42, 0));
                    FileHandle adopted = FileHandle.adopt(reactor, moved);
                    assertEquals(42, adopted.position());
                    adopted.close(err -> file.close(closed -> {}));
                });
    }

    @EngineTest
    void socket_isNoFile(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    Core core = Core.of(reactor);
                    int type = Const.SOCK_STREAM | Const.SOCK_CLOEXEC;
                    long number = core.syscall(Sys.SOCKET, Const.AF_UNIX, type, 0);
                    Descriptor socket = HeldDescriptor.of(core, (int) number);
                    IllegalArgumentException wrong =
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () -> FileHandle.adopt(reactor, socket));
                    assertTrue(wrong.getMessage().contains("Net.adopt"), wrong.getMessage());
                    assertThrows(
                            IllegalArgumentException.class, () -> FileHandle.adopt(reactor, null));
                    socket.close();
                });
    }
}
