package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.testing.Hoard;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The limit of a reactor's native memory: its gauge, its errors, and receives that wait there. */
class MemoryLimitTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final long LIMIT = 4 * MIB;

    private static ReactorOptions options(Setup setup) {
        return setup.options().maxNativeBytes(LIMIT);
    }

    @Test
    void limit_isFourMebibytesOrMore() {
        ReactorOptions options = ReactorOptions.defaults();
        assertTrue(options.maxNativeBytes() >= 64L * MIB);
        assertEquals(LIMIT, options.maxNativeBytes(LIMIT).maxNativeBytes());
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> options.maxNativeBytes(LIMIT - 1))
                        .getMessage();
        assertTrue(message.contains("maxNativeBytes is 4194303"), message);
    }

    @SetupTest
    void gauge_tellsWhatIsMappedInUseAndAllowed(Setup setup) {
        setup.run(
                options(setup),
                reactor -> {
                    assertEquals(new MemoryMetrics(0, 0, 0, LIMIT, 0), reactor.memory());
                    Buffer small = reactor.buffer(5000);
                    Buffer large = reactor.buffer(2 * MIB);
                    Buffer part = small.slice(1, 10);
                    long used = 16 * KIB + 2 * MIB;
                    assertEquals(
                            new MemoryMetrics(3 * MIB, used, used, LIMIT, 3), reactor.memory());
                    small.release();
                    large.release();
                    assertEquals(
                            new MemoryMetrics(3 * MIB, 16 * KIB, used, LIMIT, 1), reactor.memory());
                    part.release();
                    assertEquals(new MemoryMetrics(3 * MIB, 0, used, LIMIT, 0), reactor.memory());
                });
    }

    @SetupTest
    void atTheLimit_bufferThrowsAndSaysHowThingsStand_thenWorksAgain(Setup setup) {
        setup.run(
                options(setup),
                reactor -> {
                    List<Buffer> buffers = new ArrayList<>();
                    for (int i = 0; i < 16; i++) {
                        buffers.add(reactor.buffer(256 * KIB));
                    }
                    NativeMemoryException err =
                            assertThrows(NativeMemoryException.class, () -> reactor.buffer(10));
                    assertEquals(
                            "no native memory for 10 bytes: 4194304 bytes are mapped, 4194304 of"
                                    + " them in use, of 4194304 allowed; release buffers, or raise"
                                    + " maxNativeBytes (-Dchime.maxNativeBytes)",
                            err.getMessage());
                    assertEquals(new MemoryMetrics(LIMIT, LIMIT, LIMIT, LIMIT, 16), err.memory());
                    buffers.removeLast().release();
                    buffers.add(reactor.buffer(256 * KIB));
                    buffers.forEach(Buffer::release);
                });
    }

    @SetupTest
    void memoryOfOneSize_becomesMemoryOfAnother(Setup setup) {
        setup.run(
                options(setup),
                reactor -> {
                    for (int size : new int[] {4 * KIB, 256 * KIB, 16 * KIB, 64 * KIB, 4 * KIB}) {
                        List<Buffer> buffers = new ArrayList<>();
                        for (long bytes = 0; bytes < LIMIT; bytes += size) {
                            buffers.add(reactor.buffer(size));
                        }
                        assertThrows(NativeMemoryException.class, () -> reactor.buffer(size));
                        buffers.forEach(Buffer::release);
                        assertEquals(LIMIT, reactor.memory().mappedBytes());
                    }
                    Buffer all = reactor.buffer((int) LIMIT);
                    assertThrows(NativeMemoryException.class, () -> reactor.buffer(0));
                    all.release();
                    assertEquals(LIMIT, reactor.memory().mappedBytes());
                    reactor.buffer(4 * KIB).release();
                    assertEquals(MIB, reactor.memory().mappedBytes());
                });
    }

    @SetupTest
    void memoryPartlyInUse_keepsItsContentWhenTheRestMakesRoom(Setup setup) {
        setup.run(
                options(setup),
                reactor -> {
                    List<Buffer> buffers = new ArrayList<>();
                    for (int i = 0; i < LIMIT / (4 * KIB); i++) {
                        Buffer buffer = reactor.buffer(4 * KIB);
                        buffer.set(4000, (byte) i);
                        buffers.add(buffer);
                    }
                    for (int i = 0; i < buffers.size(); i++) {
                        if (i >= 512 || i % 2 == 0) { // half of two blocks stays in use
                            buffers.get(i).release();
                        }
                    }
                    List<Buffer> others = new ArrayList<>();
                    for (int i = 0; i < 8; i++) {
                        others.add(reactor.buffer(256 * KIB));
                    }
                    assertThrows(NativeMemoryException.class, () -> reactor.buffer(256 * KIB));
                    for (int i = 1; i < 512; i += 2) {
                        others.add(reactor.buffer(4 * KIB));
                        assertEquals((byte) i, buffers.get(i).get(4000));
                        others.add(buffers.get(i));
                    }
                    assertEquals(LIMIT, reactor.memory().usedBytes());
                    others.forEach(Buffer::release);
                });
    }

    @SetupTest
    void tooLargeForEver_isRefusedAndLeavesNothing(Setup setup) {
        setup.run(
                options(setup),
                reactor -> {
                    assertThrows(
                            NativeMemoryException.class, () -> reactor.buffer(Integer.MAX_VALUE));
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> reactor.buffer(Integer.MIN_VALUE));
                    assertEquals(new MemoryMetrics(0, 0, 0, LIMIT, 0), reactor.memory());
                });
    }

    // ---- receiving

    private static byte pattern(long position) {
        return (byte) (position * 7 + (position >> 8));
    }

    /** Sends {@code bytes} of the pattern, then half closes. */
    private static void pump(Ops ops, Fd to, long bytes) {
        Chunk chunk = ops.core.allocate(64 * KIB);
        new Object() {
            void send(long from) {
                if (from == bytes) {
                    chunk.release();
                    ops.shutdown(to, Const.SHUT_WR, down -> assertEquals(0, down));
                    return;
                }
                int length = (int) Math.min(64 * KIB, bytes - from);
                for (int i = 0; i < length; i++) {
                    Memory.putByte(chunk.address() + i, pattern(from + i));
                }
                ops.send(
                        to,
                        chunk.address(),
                        length,
                        sent -> {
                            assertTrue(sent > 0, () -> "send gave " + sent);
                            send(from + sent);
                        });
            }
        }.send(0);
    }

    /** Keeps what it receives until nothing comes any more. */
    private static final class Keeper {
        final List<Chunk> chunks = new ArrayList<>();
        long got;
        int ends;

        void received(Slot slot, int result, boolean more) {
            assertTrue(result >= 0, () -> Errno.of(result).name());
            if (result == 0) {
                assertFalse(more);
                ends++;
                release();
                return;
            }
            for (int i = 0; i < result; i++) {
                assertEquals(
                        pattern(got++),
                        Memory.getByte(slot.chunk.address() + slot.chunkOffset + i));
            }
            chunks.add(slot.chunk);
        }

        void release() {
            chunks.forEach(Chunk::release);
            chunks.clear();
        }
    }

    @SetupTest
    void receiveWithoutMemory_waitsUntilSomeIsReleased_andLosesNothing(Setup setup) {
        long bytes = 24L * MIB;
        int[] stalls = {0};
        Keeper keeper = new Keeper();
        setup.run(
                options(setup),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    pump(ops, pair[0], bytes);
                    Hoard hoard = new Hoard(reactor);
                    ops.recv(pair[1], keeper::received);
                    new Object() {
                        private long before = -1;
                        private int quiet;

                        void look() {
                            quiet = keeper.got == before ? quiet + 1 : 0;
                            before = keeper.got;
                            if (keeper.ends == 0) {
                                if (quiet == 10) {
                                    quiet = 0;
                                    stalls[0]++;
                                    keeper.release();
                                    hoard.release();
                                }
                                reactor.setTimeout(10, this::look);
                            }
                        }
                    }.look();
                });
        assertEquals(bytes, keeper.got);
        assertEquals(1, keeper.ends);
        assertTrue(stalls[0] > 1, () -> stalls[0] + " stalls");
    }

    @SetupTest
    void receiveThatWaitsForMemory_canBeCancelledAndClosed(Setup setup) {
        List<Integer> lasts = new ArrayList<>();
        List<Chunk> kept = new ArrayList<>();
        setup.run(
                options(setup),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Hoard[] hoard = {null};
                    List<Operation> receives = new ArrayList<>();
                    List<Fd> fds = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        Fd[] pair = ops.socketPair();
                        pumpUntilStuck(ops, pair[0]);
                        fds.add(pair[1]);
                        receives.add(
                                ops.recv(
                                        pair[1],
                                        (slot, result, more) -> {
                                            if (more) {
                                                kept.add(slot.chunk);
                                            } else {
                                                lasts.add(result);
                                            }
                                        }));
                    }
                    hoard[0] = new Hoard(reactor);
                    reactor.setTimeout(
                            300,
                            () -> {
                                receives.get(0).cancel();
                                ops.close(fds.get(1), closed -> assertEquals(0, closed));
                                reactor.setTimeout(
                                        10,
                                        () -> {
                                            assertEquals(2, lasts.size(), lasts::toString);
                                            reactor.stop();
                                        });
                            });
                    reactor.onExit(() -> {
                        hoard[0].release();
                        kept.forEach(Chunk::release);
                        kept.clear();
                    });
                });
        kept.forEach(Chunk::release);
        assertEquals(3, lasts.size());
        lasts.forEach(last -> assertEquals(-Errno.ECANCELED.number(), last));
    }

    /** Sends for as long as the other side takes it. */
    private static void pumpUntilStuck(Ops ops, Fd to) {
        Chunk chunk = ops.core.allocate(64 * KIB);
        Memory.fill(chunk.address(), chunk.size(), (byte) 1);
        new Object() {
            void send(int ignored) {
                ops.send(
                        to,
                        chunk.address(),
                        chunk.size(),
                        sent -> {
                            if (sent > 0) {
                                send(sent);
                            } else {
                                chunk.release();
                            }
                        });
            }
        }.send(0);
    }
}
