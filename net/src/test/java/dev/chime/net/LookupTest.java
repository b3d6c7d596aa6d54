package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.LookupOptions.Hint;
import dev.chime.net.LookupOptions.Order;
import dev.chime.net.dns.Dns;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.AbortController;
import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.Callback;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hosts by name: the system's resolver, and one of the user's own. */
class LookupTest {
    private static final InetAddress V4 = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress V6 = InetAddress.ofLiteral("2001:db8::1");
    private static final InetAddress OTHER_V4 = InetAddress.ofLiteral("192.0.2.2");

    private static NetOptions resolver(HostResolver names) {
        return NetOptions.defaults().resolver(names);
    }

    /** Finds the same addresses for every name, inside the call. */
    private static HostResolver always(InetAddress... addresses) {
        return (host, found) -> {
            found.call(null, List.of(addresses));
            return null;
        };
    }

    private static Callback<List<InetAddress>> into(List<Object> calls) {
        return (err, found) -> calls.add(err == null ? found : err.getMessage());
    }

    @EveryEngine
    void systemsResolver_knowsThisHost(EngineKind engine) {
        List<Object> calls = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Dns dns = Dns.of(Net.of(reactor));
                    dns.lookup(
                            "localhost",
                            (err, found) ->
                                    calls.add(
                                            found.stream()
                                                    .allMatch(InetAddress::isLoopbackAddress)));
                    assertEquals(List.of(), calls, "called inside the call");
                });
        assertEquals(List.of(true), calls);
    }

    @EveryEngine
    void equalNamesAtOnce_takeOneThread(EngineKind engine) {
        int[] found = {0};
        List<Long> onTheLane = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    LookupOptions all = LookupOptions.defaults();
                    for (int i = 0; i < 200; i++) {
                        net.lookup("localhost", all, (err, here) -> found[0]++);
                    }
                    net.lookup(
                                    "localhost",
                                    all,
                                    (err, none) -> {
                                        assertEquals("ECANCELED", err.code());
                                        found[0]++;
                                    })
                            .cancel();
                    reactor.onExit(() -> onTheLane.add(reactor.lanes().get(1).completed()));
                });
        assertEquals(201, found[0]);
        assertEquals(List.of(1L), onTheLane);
    }

    @Test
    void silentNameServers_areAnotherErrorThanAnUnknownName() {
        assertEquals(
                "getaddrinfo EAI_AGAIN a.test",
                Resolver.failure(
                                "a.test",
                                new UnknownHostException(
                                        "a.test: Temporary failure in name resolution"))
                        .getMessage());
        assertEquals(
                "ENOTFOUND",
                Resolver.failure(
                                "a.test",
                                new UnknownHostException("a.test: Name or service not known"))
                        .code());
    }

    @EveryEngine
    void literal_isItsOwnAddress_ifItIsWanted(EngineKind engine) {
        List<Object> calls = new ArrayList<>();
        LookupOptions ip6 = LookupOptions.defaults().family(StandardProtocolFamily.INET6);
        Reactors.run(
                engine,
                reactor -> {
                    Net net =
                            Net.of(
                                    reactor,
                                    resolver((host, found) -> {
                                        throw new AssertionError(
                                                "nobody need be asked for " + host);
                                    }));
                    net.lookup("192.0.2.1", LookupOptions.defaults(), into(calls));
                    net.lookup("192.0.2.1", ip6, into(calls));
                    assertEquals(List.of(), calls, "called inside the call");
                });
        assertEquals(List.of(List.of(V4), "getaddrinfo ENOTFOUND 192.0.2.1"), calls);
    }

    @EveryEngine
    void familyAndOrder_areAsAsked(EngineKind engine) {
        List<Object> calls = new ArrayList<>();
        LookupOptions all = LookupOptions.defaults();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor, resolver(always(V4, V6, OTHER_V4)));
                    net.lookup("a.test", all, into(calls));
                    net.lookup("a.test", all.order(Order.IPV4_FIRST), into(calls));
                    net.lookup("a.test", all.order(Order.IPV6_FIRST), into(calls));
                    net.lookup("a.test", all.family(StandardProtocolFamily.INET), into(calls));
                    net.lookup("a.test", all.family(StandardProtocolFamily.INET6), into(calls));
                });
        assertEquals(
                List.of(
                        List.of(V4, V6, OTHER_V4),
                        List.of(V4, OTHER_V4, V6),
                        List.of(V6, V4, OTHER_V4),
                        List.of(V4, OTHER_V4),
                        List.of(V6)),
                calls);
    }

    @EveryEngine
    void hints_mapAddresses_andLeaveOutWhatThisMachineHasNot(EngineKind engine) throws Exception {
        List<Object> calls = new ArrayList<>();
        LookupOptions ip6 = LookupOptions.defaults().family(StandardProtocolFamily.INET6);
        LookupOptions configured = LookupOptions.defaults().hints(Hint.ADDRCONFIG);
        Reactors.run(
                engine,
                reactor -> {
                    Net both = Net.of(reactor, resolver(always(V4, V6)));
                    Net one = Net.of(reactor, resolver(always(V4)));
                    Callback<List<InetAddress>> texts =
                            (err, found) ->
                                    calls.add(found.stream().map(LookupTest::text).toList());
                    both.lookup("a.test", ip6.hints(Hint.V4MAPPED), texts);
                    both.lookup("a.test", ip6.hints(Hint.V4MAPPED, Hint.ALL), texts);
                    one.lookup("a.test", ip6.hints(Hint.V4MAPPED), texts);
                    one.lookup("a.test", ip6.hints(Hint.ALL), into(calls));
                    both.lookup("a.test", configured, (err, found) -> calls.add(found));
                });
        List<InetAddress> here =
                NetworkInterface.networkInterfaces()
                        .flatMap(NetworkInterface::inetAddresses)
                        .filter(address -> !address.isLoopbackAddress())
                        .toList();
        List<InetAddress> usable = new ArrayList<>(List.of(V4, V6));
        usable.removeIf(a -> here.stream().noneMatch(b -> a.getClass().equals(b.getClass())));
        assertEquals(List.of("2001:db8:0:0:0:0:0:1"), calls.get(0));
        assertEquals(List.of("2001:db8:0:0:0:0:0:1", "0:0:0:0:0:ffff:c000:201"), calls.get(1));
        assertEquals(List.of("0:0:0:0:0:ffff:c000:201"), calls.get(2));
        assertEquals("getaddrinfo ENOTFOUND a.test", calls.get(3));
        assertEquals(usable.isEmpty() ? null : usable, calls.get(4));
    }

    private static String text(InetAddress address) {
        return address.getHostAddress();
    }

    @EveryEngine
    void mappedAddress_isConnectedTo(EngineKind engine) {
        List<InetAddress> remotes = new ArrayList<>();
        LookupOptions mapped =
                LookupOptions.defaults().family(StandardProtocolFamily.INET6).hints(Hint.V4MAPPED);
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                Socket::resume,
                                (server, port) -> {
                                    Net net =
                                            Net.of(
                                                    reactor,
                                                    resolver(
                                                            always(
                                                                    InetAddress.ofLiteral(
                                                                            "127.0.0.1"))));
                                    net.lookup(
                                            "a.test",
                                            mapped,
                                            (err, found) ->
                                                    net.createUdp(UdpOptions.ip6())
                                                            .connect(
                                                                    new InetSocketAddress(
                                                                            found.getFirst(), port),
                                                                    (failed, udp) -> {
                                                                        assertNull(failed);
                                                                        remotes.add(
                                                                                found.getFirst());
                                                                        udp.close();
                                                                    }));
                                    Servers.connect(reactor, port, Socket::destroy);
                                }));
        assertEquals("0:0:0:0:0:ffff:7f00:1", remotes.getFirst().getHostAddress());
    }

    @EveryEngine
    void ownResolver_servesConnectListenAndEverythingElse(EngineKind engine) {
        List<String> asked = new ArrayList<>();
        List<String> served = new ArrayList<>();
        HostResolver names =
                (host, found) -> {
                    asked.add(host);
                    found.call(null, List.of(InetAddress.ofLiteral("127.0.0.1")));
                    return null;
                };
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor, resolver(names));
                    Server server = net.createServer(Servers::echo);
                    server.listen(
                            0,
                            "here.test",
                            (err, listening) ->
                                    net.connect(
                                            listening.address().getPort(),
                                            "there.test",
                                            (failed, socket) -> {
                                                assertNull(failed);
                                                served.add("connected");
                                                socket.resume();
                                                socket.end();
                                                Servers.close(server);
                                            }));
                });
        assertEquals(List.of("connected"), served);
        assertEquals(List.of("here.test", "there.test"), asked);
    }

    @EveryEngine
    void ownResolver_servesDatagrams(EngineKind engine) {
        List<String> received = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor, resolver(always(InetAddress.ofLiteral("127.0.0.1"))));
                    net.createUdp()
                            .bind(
                                    0,
                                    "here.test",
                                    (err, bound) -> {
                                        bound.onMessage((data, from, cut) -> {
                                            received.add("message");
                                            bound.close();
                                        });
                                        Udp other = net.createUdp();
                                        int port = bound.address().getPort();
                                        other.send("x", port, "there.test", sent -> other.close());
                                    });
                });
        assertEquals(List.of("message"), received);
    }

    @EngineTest
    void resolverOnAnotherThread_isToldTheWayBack(EngineKind engine) throws Exception {
        List<Object> calls = new ArrayList<>();
        List<Throwable> thrown = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    HostResolver elsewhere =
                            (host, found) -> {
                                Thread thread =
                                        new Thread(() -> {
                                            try {
                                                found.call(null, List.of(V4));
                                            } catch (Exception e) {
                                                thrown.add(e);
                                            }
                                        });
                                thread.start();
                                thread.join();
                                reactor.execute(() -> callQuietly(found));
                                return null;
                            };
                    Net.of(reactor, resolver(elsewhere))
                            .lookup("a.test", LookupOptions.defaults(), into(calls));
                });
        assertEquals(List.of(List.of(V4)), calls);
        assertTrue(thrown.getFirst().getMessage().contains("execute"), thrown::toString);
    }

    private static void callQuietly(Callback<List<InetAddress>> found) {
        try {
            found.call(null, List.of(V4));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @EveryEngine
    void resolverThatMisbehaves_isOneError(EngineKind engine) {
        List<Object> calls = new ArrayList<>();
        LookupOptions all = LookupOptions.defaults();
        Reactors.run(
                engine,
                reactor -> {
                    HostResolver throwing =
                            (host, found) -> {
                                throw new IllegalStateException("oops");
                            };
                    HostResolver twice =
                            (host, found) -> {
                                found.call(null, List.of(V4));
                                found.call(null, List.of(V6));
                                return null;
                            };
                    HostResolver nothing =
                            (host, found) -> {
                                found.call(null, null);
                                return null;
                            };
                    HostResolver holes =
                            (host, found) -> {
                                found.call(null, java.util.Arrays.asList(V4, null));
                                return null;
                            };
                    for (HostResolver each : List.of(throwing, twice, nothing, always(), holes)) {
                        Net.of(reactor, resolver(each)).lookup("a.test", all, into(calls));
                    }
                });
        assertEquals(
                List.of(
                        "getaddrinfo ERR_RESOLVER a.test: the resolver threw"
                                + " java.lang.IllegalStateException: oops",
                        List.of(V4),
                        "getaddrinfo ENOTFOUND a.test",
                        "getaddrinfo ENOTFOUND a.test"),
                calls.subList(0, 4));
        assertEquals(5, calls.size());
        assertTrue(calls.get(4).toString().startsWith("getaddrinfo ERR_RESOLVER a.test"));
    }

    /** Never answers by itself, and counts who cancels it. */
    private static final class Silent implements Operation {
        private final List<Callback<List<InetAddress>>> waiting = new ArrayList<>();
        private int cancelled;

        Operation lookup(String host, Callback<List<InetAddress>> found) {
            waiting.add(found);
            return this;
        }

        @Override
        public void cancel() {
            cancelled++;
        }

        @Override
        public Operation deadline(Duration limit) {
            throw new AssertionError("nobody asks for that");
        }

        @Override
        public Operation abortOn(AbortSignal signal) {
            throw new AssertionError("nobody asks for that");
        }
    }

    @EveryEngine
    void stoppedLookup_endsAtOnce_andCancelsItsResolver(EngineKind engine) {
        List<Object> calls = new ArrayList<>();
        Silent silent = new Silent();
        LookupOptions all = LookupOptions.defaults();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor, resolver(silent::lookup));
                    AbortController controller = new AbortController(reactor);
                    net.lookup("cancel.test", all, into(calls)).cancel();
                    net.lookup("signal.test", all, into(calls)).abortOn(controller.signal());
                    controller.abort();
                    net.lookup("late.test", all, into(calls)).deadline(Duration.ofMillis(1));
                    assertEquals(List.of(), calls, "called inside the call");
                    reactor.setTimeout(
                            20,
                            () -> {
                                for (Callback<List<InetAddress>> each : silent.waiting) {
                                    each.call(null, List.of(V4)); // too late
                                }
                            });
                });
        assertEquals(
                List.of(
                        "getaddrinfo ECANCELED cancel.test",
                        "getaddrinfo ECANCELED signal.test",
                        "getaddrinfo ETIMEDOUT late.test"),
                calls);
        assertEquals(3, silent.cancelled);
    }

    @EveryEngine
    void endOfTheLoop_endsLookupsThatNobodyAnswers(EngineKind engine) {
        List<Object> calls = new ArrayList<>();
        Silent silent = new Silent();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor, resolver(silent::lookup));
                    net.lookup("a.test", LookupOptions.defaults(), into(calls));
                    net.connect(1, "b.test", (err, none) -> calls.add(err.code()));
                    reactor.setImmediate(reactor::stop);
                });
        assertEquals(List.of("getaddrinfo ECANCELED a.test", "ECANCELED"), calls);
    }
}
