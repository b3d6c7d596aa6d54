package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Inside;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Descriptors that a process was started with. */
class InheritTest {
    @EngineTest
    void listeningSocket_serves_underAnotherNumber(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    int number = asFromAParent(Core.of(reactor));
                    Server server = net.createServer(Servers::echo).adopt(net.inherit(number));
                    assertEquals(
                            "EBADF",
                            assertThrows(ErrnoException.class, () -> net.inherit(1 << 20)).code());
                    Servers.connect(
                            reactor,
                            server.address().getPort(),
                            client -> {
                                assertThrows(
                                        IllegalArgumentException.class,
                                        () -> net.inherit(Inside.descriptor(client)));
                                client.write("x");
                                client.onData(data -> {
                                    heard.add(data.toString(UTF_8));
                                    client.end();
                                    Servers.close(server);
                                });
                            });
                });
        assertEquals(List.of("x"), heard);
    }

    /** A listening socket without close-on-exec, as what comes with a process. */
    private static int asFromAParent(Core core) {
        long made = core.syscall(Sys.SOCKET, Const.AF_INET, Const.SOCK_STREAM, 0);
        assertTrue(made >= 0);
        long memory = core.scratch();
        int length = Sockaddr.write(memory, new InetSocketAddress(Peers.LOCAL, 0));
        assertEquals(0, core.syscall(Sys.BIND, made, memory, length));
        assertEquals(0, core.syscall(Sys.LISTEN, made, 5, 0));
        return (int) made;
    }
}
