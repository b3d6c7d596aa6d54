package dev.chime.net.testing;

import dev.chime.net.Socket;
import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.internal.Core;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/** Gauges of a running loop that have no public form yet. */
public final class Inside {
    private Inside() {}

    /** Pieces of native memory that are in use. */
    public static int chunksInUse(Reactor reactor) {
        return memory(reactor).inUse();
    }

    /** Native memory of the loop's pool in bytes. */
    public static long mappedBytes(Reactor reactor) {
        return memory(reactor).mappedBytes();
    }

    /** How often the engine has entered the kernel to submit or wait. */
    public static long enters(Reactor reactor) {
        try {
            Core core = Core.of(reactor);
            Method engine = core.getClass().getDeclaredMethod("engine");
            engine.setAccessible(true);
            return ((Engine) engine.invoke(core)).enters();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Loop has changed", e);
        }
    }

    /** The kernel's number of a socket. */
    public static int descriptor(Socket socket) {
        try {
            Field fd = Socket.class.getDeclaredField("fd");
            fd.setAccessible(true);
            return ((Fd) fd.get(socket)).number();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Socket has changed", e);
        }
    }

    /** How many wait for a signal's abort. */
    public static int listeners(AbortSignal signal) {
        try {
            Method listeners = AbortSignal.class.getDeclaredMethod("listeners");
            listeners.setAccessible(true);
            return (int) listeners.invoke(signal);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("AbortSignal has changed", e);
        }
    }

    private static SlabPool memory(Reactor reactor) {
        try {
            Core core = Core.of(reactor);
            Field memory = core.getClass().getDeclaredField("memory");
            memory.setAccessible(true);
            return (SlabPool) memory.get(core);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Loop has changed", e);
        }
    }
}
