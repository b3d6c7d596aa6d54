package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Plan;
import dev.chime.reactor.libc.Memory;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A stream that changes the bytes that are written to it and gives the result to who reads from it.
 * Loop thread only.
 *
 * <p>It works only while its output is wanted, and puts out at most 64 KiB in a turn of the loop,
 * so that neither a large input nor one that unpacks to something huge stops all else.
 */
public final class Transform extends DuplexBase {
    private static final int OUTPUT_BYTES = 64 << 10;
    private static final int INPUT_HIGH_WATER_MARK = 64 << 10;
    private static final ByteBuffer NO_INPUT = ByteBuffer.allocate(0);

    private final Core core;
    private final Codec codec;
    private final Plan plan;
    private ByteBuffer input = NO_INPUT;
    private @Nullable Chunk output;
    private boolean hasInput;
    private boolean last;
    private boolean wanted;
    private boolean done;

    private Transform(Reactor reactor, Codec codec) {
        super(reactor, OUTPUT_BYTES, INPUT_HIGH_WATER_MARK, Long.MAX_VALUE);
        core = Core.of(reactor);
        this.codec = codec;
        plan = new Plan(core, this::step);
    }

    /** A stream that does what {@code codec} says; it closes the codec. */
    public static Transform of(Reactor reactor, Codec codec) {
        Checks.notNull(reactor, "reactor");
        Checks.notNull(codec, "codec");
        return new Transform(reactor, codec);
    }

    /** Gives out what comes in: a joint between two streams. */
    public static Transform passThrough(Reactor reactor) {
        return of(
                reactor,
                (input, last, output) -> {
                    int bytes = Math.min(input.remaining(), output.remaining());
                    output.put(output.position(), input, input.position(), bytes);
                    output.position(output.position() + bytes);
                    input.position(input.position() + bytes);
                    return !input.hasRemaining();
                });
    }

    /** Packs as {@code gzip} does (RFC 1952), with zlib's default level. */
    public static Transform gzip(Reactor reactor) {
        return gzip(reactor, GzipEncoder.DEFAULT_LEVEL);
    }

    /**
     * Packs as {@code gzip} does.
     *
     * @param level 0, not at all, to 9, as small as can be; -1 is zlib's default
     */
    public static Transform gzip(Reactor reactor, int level) {
        return of(reactor, new GzipEncoder(level));
    }

    /**
     * Unpacks what {@code gzip} has packed, one member or several behind each other. Errors: {@code
     * Z_DATA_ERROR} for what is no gzip or is damaged, {@code Z_BUF_ERROR} for an end too early.
     * What follows the last member and does not look like another is dropped, as {@code gzip} does.
     */
    public static Transform gunzip(Reactor reactor) {
        return of(reactor, new GzipDecoder());
    }

    @Override
    protected void pull(int bytes) {
        wanted = true;
        plan.make();
    }

    @Override
    protected void take(Buffer piece) {
        input = piece.asByteBuffer();
        hasInput = true;
        plan.make();
    }

    @Override
    protected void finish() {
        last = true;
        plan.make();
    }

    private void step() {
        if (isDestroyed() || done || !wanted || !(hasInput || last)) {
            return;
        }
        Chunk chunk = output;
        if (chunk == null) {
            chunk = core.tryAllocate(OUTPUT_BYTES);
            if (chunk == null) {
                destroy(ErrnoException.file(Errno.ENOMEM.number(), "transform", null));
                return;
            }
            output = chunk;
        }
        ByteBuffer room = Memory.view(chunk.address(), chunk.size());
        boolean usedUp;
        try {
            usedUp = codec.transform(input, last, room);
        } catch (ReactorException e) {
            destroy(e);
            return;
        }
        if (room.position() > 0) {
            wanted = false;
            output = null;
            push(core.wrap(chunk, 0, room.position()));
        }
        if (!usedUp) {
            plan.make();
        } else if (last) {
            done = true;
            pushEnd();
            completed(null);
        } else {
            input = NO_INPUT;
            hasInput = false;
            taken(null);
        }
    }

    @Override
    protected void close(Done closed) throws Exception {
        codec.close();
        if (output != null) {
            output.release();
            output = null;
        }
        input = NO_INPUT;
        closed.call(null);
    }

    @Override
    public String toString() {
        return "Transform[" + bytesWritten() + " bytes in, " + bytesRead() + " out]";
    }
}
