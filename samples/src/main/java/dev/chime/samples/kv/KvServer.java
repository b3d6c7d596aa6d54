package dev.chime.samples.kv;

import dev.chime.net.ListenOptions;
import dev.chime.net.Net;
import dev.chime.net.Server;
import dev.chime.net.ServerOptions;
import dev.chime.net.SocketOptions;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * A key-value store that answers over TCP: GET, SET, DEL, EXISTS, PING and QUIT. Loop thread only.
 *
 * <p>A change is answered when it is on the disk. Keys and the places of their values are in
 * memory, about 150 bytes a key beside its own; values, up to 1 MiB each, are read from the log.
 */
public final class KvServer {
    private static final int MAX_CONNECTIONS = 1024;
    private static final long COMPACT_FROM_BYTES = 4 << 20;

    private final Server server;
    private final Store store;

    private KvServer(Server server, Store store) {
        this.server = server;
        this.store = store;
    }

    /**
     * Opens the store of a folder, which is made when there is none, then listens. Errors: {@code
     * ERR_STORE_IN_USE} when another server has the folder, {@code ERR_STORE_CORRUPT} when the log
     * is damaged otherwise than by an unfinished commit, those of files, and those of listening.
     */
    public static void start(
            Reactor reactor, Path folder, ListenOptions options, Callback<KvServer> callback) {
        start(reactor, folder, COMPACT_FROM_BYTES, options, callback);
    }

    @SuppressWarnings("NullAway") // with an error there is no value
    static void start(
            Reactor reactor,
            Path folder,
            long compactFromBytes,
            ListenOptions options,
            Callback<KvServer> callback) {
        StoreOpening.start(
                reactor,
                folder,
                compactFromBytes,
                (err, store) -> {
                    if (err != null) {
                        callback.call(err, null);
                    } else {
                        listen(reactor, store, options, callback);
                    }
                });
    }

    @SuppressWarnings("NullAway") // with an error there is no value
    private static void listen(
            Reactor reactor, Store store, ListenOptions options, Callback<KvServer> callback) {
        SocketOptions sockets = SocketOptions.defaults().noDelay(true).allowHalfOpen(true);
        Net.of(reactor)
                .createServer(
                        ServerOptions.defaults().socket(sockets).maxConnections(MAX_CONNECTIONS),
                        socket -> Connection.serve(socket, store))
                .listen(
                        options,
                        (err, server) -> {
                            if (err != null) {
                                store.close(closed -> callback.call(err, null));
                            } else {
                                callback.call(null, new KvServer(server, store));
                            }
                        });
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return Objects.requireNonNull(server.address());
    }

    /** How many keys there are. */
    public int size() {
        return store.size();
    }

    /**
     * Hears of the error of the log after which nothing is stored and nothing acknowledged any
     * more: stop the program, and start it again when the disk is well.
     */
    public void onFailure(Done handler) {
        store.onFailure(handler);
    }

    /** Ends connections as they become idle, at the latest after {@code grace}, then the store. */
    public void close(Duration grace, Done done) {
        server.shutdown(grace, (err, report) -> store.close(done));
    }
}
