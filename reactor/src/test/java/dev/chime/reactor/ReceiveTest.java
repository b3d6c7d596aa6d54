package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Received bytes: their order, their memory, their end. */
class ReceiveTest {
    private record Piece(Chunk chunk, int offset, int length) {
        byte at(int i) {
            return Memory.getByte(chunk.address() + offset + i);
        }
    }

    private static byte pattern(int stream, long position) {
        return (byte) (stream * 17 + position * 7 + (position >> 8));
    }

    /** Sends {@code bytes} of the stream's pattern, then half closes. */
    private static void pump(Ops ops, Fd to, int stream, long bytes, int atOnce) {
        Chunk chunk = ops.core.allocate(atOnce);
        new Object() {
            void send(long from) {
                if (from == bytes) {
                    chunk.release();
                    ops.shutdown(to, Const.SHUT_WR, down -> assertEquals(0, down));
                    return;
                }
                int length = (int) Math.min(atOnce, bytes - from);
                for (int i = 0; i < length; i++) {
                    Memory.putByte(chunk.address() + i, pattern(stream, from + i));
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

    @SetupTest
    void bytesArriveInOrder_eofOnce_withoutMemory(Setup setup) {
        int streams = 10;
        long bytes = 600_000;
        long[] got = new long[streams];
        int[] ends = new int[streams];
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            for (int s = 0; s < streams; s++) {
                int stream = s;
                Fd[] pair = ops.socketPair();
                ops.recv(
                        pair[1],
                        (slot, result, more) -> {
                            if (result == 0) {
                                assertFalse(more);
                                assertNull(slot.chunk);
                                ends[stream]++;
                                return;
                            }
                            assertTrue(result > 0 && more, () -> result + " " + more);
                            assertEquals(0, ends[stream], "nothing behind the end");
                            for (int i = 0; i < result; i++) {
                                assertEquals(
                                        pattern(stream, got[stream]++),
                                        Memory.getByte(
                                                slot.chunk.address() + slot.chunkOffset + i));
                            }
                            slot.chunk.release();
                        });
                pump(ops, pair[0], stream, bytes, 1000 + 5000 * stream);
            }
        });
        for (int s = 0; s < streams; s++) {
            assertEquals(bytes, got[s]);
            assertEquals(1, ends[s]);
        }
    }

    @SetupTest
    void hoardedMemory_starvesNobody_andHoldsItsBytesUntilReleased(Setup setup) {
        // Each stream brings more than the ring's 64 x 64 KiB of provided buffers alone.
        int streams = 8;
        long bytes = 5 << 20;
        List<List<Piece>> hoard = new ArrayList<>();
        int[] ended = {0};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            for (int s = 0; s < streams; s++) {
                List<Piece> pieces = new ArrayList<>();
                hoard.add(pieces);
                int stream = s;
                Fd[] pair = ops.socketPair();
                ops.recv(
                        pair[1],
                        (slot, result, more) -> {
                            assertTrue(result >= 0, () -> Errno.of(result).name());
                            if (result > 0) {
                                pieces.add(new Piece(slot.chunk, slot.chunkOffset, result));
                            } else if (++ended[0] == streams) {
                                checkAndRelease(hoard, bytes);
                            }
                        });
                pump(ops, pair[0], stream, bytes, 100_000);
            }
        });
        assertEquals(streams, ended[0]);
    }

    private static void checkAndRelease(List<List<Piece>> hoard, long bytes) {
        Random order = new Random(3);
        for (int stream = 0; stream < hoard.size(); stream++) {
            long position = 0;
            List<Piece> pieces = hoard.get(stream);
            for (Piece piece : pieces) {
                for (int i = 0; i < piece.length(); i++) {
                    assertEquals(pattern(stream, position++), piece.at(i));
                }
            }
            assertEquals(bytes, position);
            java.util.Collections.shuffle(pieces, order);
            pieces.forEach(piece -> piece.chunk().release());
        }
    }

    @SetupTest
    void memoryComesBack_roundAfterRound(Setup setup) {
        // 400 connections, each held until the next is served, through 64 buffers.
        int rounds = 400;
        int[] round = {0};
        Chunk[] held = {null};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            new Object() {
                void next() {
                    Fd[] pair = ops.socketPair();
                    long[] got = {0};
                    ops.recv(
                            pair[1],
                            (slot, result, more) -> {
                                if (result > 0) {
                                    got[0] += result;
                                    if (held[0] != null) {
                                        held[0].release();
                                    }
                                    held[0] = slot.chunk;
                                    return;
                                }
                                assertEquals(30_000, got[0]);
                                ops.close(pair[0], closed -> {});
                                ops.close(pair[1], closed -> {});
                                if (++round[0] < rounds) {
                                    next();
                                } else {
                                    held[0].release();
                                }
                            });
                    pump(ops, pair[0], 1, 30_000, 30_000);
                }
            }.next();
        });
        assertEquals(rounds, round[0]);
    }

    @SetupTest
    void memoryThatIsNeverReleased_failsTheRunInPoisonMode(Setup setup) {
        AssertionError error =
                assertThrows(
                        AssertionError.class,
                        () ->
                                setup.run(reactor -> {
                                    Ops ops = new Ops(reactor);
                                    Fd[] pair = ops.socketPair();
                                    ops.recv(pair[1], (slot, result, more) -> {});
                                    pump(ops, pair[0], 1, 100, 100);
                                }));
        assertTrue(error.getMessage().contains("0 buffers and 1 chunks"), error::getMessage);
        error =
                assertThrows(
                        AssertionError.class,
                        () -> setup.run(reactor -> reactor.buffer(10).retain()));
        assertTrue(error.getMessage().contains("1 buffers and 1 chunks"), error::getMessage);
    }

    @SetupTest
    void closingInTheMiddleOfReceiving_endsIt_andNothingFollows(Setup setup) {
        List<Integer> lasts = new ArrayList<>();
        int[] after = {0};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            for (int n = 0; n < 50; n++) {
                Fd[] pair = ops.socketPair();
                boolean[] closed = {false};
                ops.writeNow(pair[0], "x".repeat(1000));
                ops.recv(
                        pair[1],
                        (slot, result, more) -> {
                            after[0] += closed[0] ? 1 : 0;
                            if (!more) {
                                lasts.add(result);
                                return;
                            }
                            slot.chunk.release();
                            if (pair[1].isOpen()) {
                                ops.close(
                                        pair[1],
                                        result2 -> {
                                            assertEquals(0, result2);
                                            closed[0] = true;
                                        });
                            }
                        });
            }
        });
        assertEquals(50, lasts.size());
        lasts.forEach(last -> assertEquals(-Errno.ECANCELED.number(), last));
        assertEquals(0, after[0]);
    }
}
