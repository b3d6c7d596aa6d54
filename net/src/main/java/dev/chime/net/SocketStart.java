package dev.chime.net;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A socket on its way to its peer, with what is to be done there. */
final class SocketStart implements Connecting.Outcome {
    private final Core core;
    private final Socket socket;
    private final Connecting connecting;
    private final Handlers<Task> connectHandlers = new Handlers<>();
    private final List<IntConsumer> settings = new ArrayList<>(1);

    SocketStart(Core core, Socket socket, Resolver resolver, ConnectOptions options) {
        this.core = core;
        this.socket = socket;
        connecting = new Connecting(core, resolver, options, this);
    }

    void begin() {
        connecting.start();
    }

    void cancel() {
        connecting.cancel();
    }

    void onConnect(Task task) {
        connectHandlers.add(task);
    }

    /** Sets something on the descriptor when it is there. */
    void set(IntConsumer setting) {
        settings.add(setting);
    }

    @Override
    public void connected(Fd fd, @Nullable SocketAddress to) {
        settings.forEach(setting -> setting.accept(fd.number()));
        socket.started(fd, to, null);
        connectHandlers.each(task -> {
            if (!socket.isDestroyed()) {
                core.call(task);
            }
        });
    }

    @Override
    public void failed(ReactorException error) {
        socket.started(null, null, error);
    }

    @Override
    public String toString() {
        return connecting.toString();
    }
}
