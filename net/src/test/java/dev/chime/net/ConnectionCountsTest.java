package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The counts that the loops of a group share. */
class ConnectionCountsTest {
    private static final int ROUNDS = 50_000;

    private static InetSocketAddress peer(String address) {
        return new InetSocketAddress(address, 1);
    }

    @Test
    void whoIsRefused_takesNoPlaceFromAnother() throws InterruptedException {
        BlockList blocked = new BlockList().addAddress("192.0.2.3");
        ConnectionCounts counts =
                new ConnectionCounts(
                        ServerOptions.defaults()
                                .maxConnections(2)
                                .maxConnectionsPerPeer(1)
                                .blockList(blocked));
        assertNull(counts.enter(peer("192.0.2.1")));
        CountDownLatch begun = new CountDownLatch(1);
        Thread knocking =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 0; i < ROUNDS; i++) {
                                begun.countDown();
                                counts.enter(peer("192.0.2.1"));
                                counts.enter(peer("192.0.2.3"));
                            }
                        });
        begun.await();
        for (int i = 0; i < ROUNDS; i++) {
            assertNull(counts.enter(peer("192.0.2.2")), "although there is a place");
            counts.leave(peer("192.0.2.2"));
        }
        knocking.join();
        assertEquals(1, counts.open());
    }

    @Test
    void everyLimit_hasItsReason() {
        ConnectionCounts counts =
                new ConnectionCounts(
                        ServerOptions.defaults().maxConnections(2).maxConnectionsPerPeer(1));
        assertNull(counts.enter(peer("192.0.2.1")));
        assertEquals(Drop.Reason.CONNECTIONS_OF_PEER, counts.enter(peer("192.0.2.1")));
        assertNull(counts.enter(peer("192.0.2.2")));
        assertEquals(Drop.Reason.CONNECTIONS, counts.enter(peer("192.0.2.3")));
        counts.leave(peer("192.0.2.2"));
        assertNull(counts.enter(peer("192.0.2.3")));
        assertEquals(2, counts.open());
    }
}
