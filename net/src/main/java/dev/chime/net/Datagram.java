package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.WriteQueue;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One datagram on its way out: a look-up if it goes to a name, its place in the queue, a send. */
final class Datagram extends Composed {
    private final Udp udp;
    private final UdpSends sends;
    private final Object data;
    private final int length;
    private final Done done;
    private @Nullable InetSocketAddress target;
    private @Nullable Operation lookup;
    private @Nullable Slot slot;
    private @Nullable Chunk copy;
    private @Nullable ReactorException failure;
    private boolean tried;

    /** Takes a use of {@code data}, a byte array or a buffer; without target to the peer. */
    Datagram(
            Core core,
            Udp udp,
            UdpSends sends,
            Object data,
            @Nullable InetSocketAddress target,
            Done done) {
        super(core);
        this.udp = udp;
        this.sends = sends;
        this.data = data;
        this.target = target;
        this.done = done;
        length = data instanceof Buffer buffer ? buffer.length() : ((byte[]) data).length;
    }

    /** All pieces, one behind the other. */
    static byte[] join(List<byte[]> pieces) {
        byte[] all = new byte[pieces.stream().mapToInt(piece -> piece.length).sum()];
        int at = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, all, at, piece.length);
            at += piece.length;
        }
        return all;
    }

    /** Refuses null, and a port on which nobody receives. */
    static void checkTarget(@Nullable InetSocketAddress to) {
        Checks.required(to, "address", "name a host and a port");
        if (to != null && to.getPort() == 0) {
            throw new IllegalArgumentException("port is 0: nobody receives there");
        }
    }

    /** Looks the target's name up, if it has to be. */
    void start() {
        InetSocketAddress to = target;
        if (to == null) {
            return;
        }
        if (!to.isUnresolved()) {
            failure = udp.options().refusal("send", to.getAddress());
            return;
        }
        String host = to.getHostString();
        InetAddress literal = Resolver.literal(host);
        if (literal != null) {
            goesTo(literal, to.getPort());
        } else {
            lookup =
                    udp.resolver()
                            .lookup(host, (err, found) -> resolved(host, to.getPort(), err, found));
        }
    }

    private void goesTo(InetAddress address, int port) {
        target = new InetSocketAddress(address, port);
        failure = udp.options().refusal("send", address);
    }

    private void resolved(
            String host,
            int port,
            @Nullable ReactorException err,
            @Nullable List<InetAddress> found) {
        lookup = null;
        InetAddress fitting = found == null ? null : udp.options().pick(found);
        if (fitting != null) {
            goesTo(fitting, port);
        } else {
            failure = err == null ? Resolver.notFound(host) : err;
        }
        sends.go();
    }

    Object data() {
        return data;
    }

    int length() {
        return length;
    }

    /** Where it goes; null to the peer of a connected socket. */
    @Nullable InetSocketAddress target() {
        return target;
    }

    /** True while its target's address is not known. */
    boolean isWaiting() {
        return lookup != null && !stopped();
    }

    /** Why it cannot be sent; null while it can. */
    @Nullable ReactorException failure() {
        return stopped() ? error(-stopErrno()) : failure;
    }

    /** True once: the first failure may have been that of another datagram. */
    boolean mayTryAgain() {
        boolean first = !tried && !stopped();
        tried = true;
        return first;
    }

    boolean isStopped() {
        return stopped();
    }

    ErrnoException error(int result) {
        InetSocketAddress to = target == null ? udp.remoteAddress() : target;
        return caused(() -> ErrnoException.socket(result, "send", to));
    }

    /** It is being sent, with a copy of its data if that was made. */
    void sending(Slot by, @Nullable Chunk copied) {
        slot = by;
        copy = copied;
    }

    /** The send has ended. */
    void sent() {
        slot = null;
        if (copy != null) {
            copy.release();
            copy = null;
        }
    }

    /** Tells how it went. */
    void finish(@Nullable ReactorException err) {
        ended();
        WriteQueue.release(data);
        core.call(done, err);
    }

    @Override
    protected void interrupt() {
        Operation looking = lookup;
        Slot flying = slot;
        if (flying != null) {
            core.cancel(flying, stopErrno());
            return;
        }
        sends.withdraw(this);
        if (looking != null) {
            looking.cancel();
        }
    }

    @Override
    public String toString() {
        return "send of " + length + " bytes to " + (target == null ? udp.remoteAddress() : target);
    }
}
