package dev.chime.reactor.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

class TransformTest {
    private static final byte[] TEXT = Bytes.compressible(3_000_000);

    /** What comes out of a transform, or the error. */
    private static final class Out {
        byte[] bytes;
        ReactorException err;
        int calls;

        byte[] ok() {
            assertEquals(1, calls);
            if (err != null) {
                throw new AssertionError(err);
            }
            return bytes;
        }

        String code() {
            assertEquals(1, calls);
            assertNotNull(err, "an error was expected");
            return err.code();
        }
    }

    private static Out through(
            EngineKind engine, byte[] in, long seed, Function<Reactor, Transform> make) {
        Out out = new Out();
        Reactors.run(
                engine,
                reactor -> {
                    int most = 1 << new SplittableRandom(seed).nextInt(3, 18);
                    Drain drain = new Drain(reactor, seed, 16 << 10, Long.MAX_VALUE);
                    Pipeline.from(new Spring(reactor, in, seed, most))
                            .through(make.apply(reactor))
                            .to(
                                    drain,
                                    err -> {
                                        out.calls++;
                                        out.err = err;
                                        out.bytes = drain.content.toByteArray();
                                    });
                });
        return out;
    }

    private static byte[] gzip(byte[]... members) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] member : members) {
            try (OutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(member);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return out.toByteArray();
    }

    private static byte[] gunzip(byte[] packed) {
        try {
            return new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] join(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    @EveryEngine
    void passThrough_changesNothing(EngineKind engine) {
        assertArrayEquals(TEXT, through(engine, TEXT, 1, Transform::passThrough).ok());
    }

    @EveryEngine
    void gzip_isReadByJava(EngineKind engine) {
        for (byte[] content : List.of(TEXT, new byte[0], Bytes.random(1, 200_000))) {
            for (int level : new int[] {-1, 0, 1, 9}) {
                byte[] packed = through(engine, content, 2, r -> Transform.gzip(r, level)).ok();
                assertArrayEquals(content, gunzip(packed));
            }
        }
    }

    @EveryEngine
    void gunzip_readsWhatJavaWrote(EngineKind engine) {
        for (byte[] content : List.of(TEXT, new byte[0], new byte[1], Bytes.random(1, 200_000))) {
            byte[] packed = gzip(content);
            assertArrayEquals(content, through(engine, packed, 3, Transform::gunzip).ok());
        }
    }

    @EveryEngine
    void gunzip_readsMembersBehindEachOther(EngineKind engine) {
        byte[] packed = gzip(TEXT, new byte[0], Bytes.random(5, 1000));
        byte[] whole = join(TEXT, Bytes.random(5, 1000));
        assertArrayEquals(whole, through(engine, packed, 4, Transform::gunzip).ok());
    }

    @EveryEngine
    void gunzip_readsEveryHeader(EngineKind engine) {
        byte[] plain = gzip("hello".getBytes());
        byte[] body = Arrays.copyOfRange(plain, 10, plain.length);
        byte[][] fields = {{3, 0, 'a', 'b', 'c'}, {'n', 'a', 'm', 'e', 0}, {'c', 0}, {1, 2}};
        int[] bits = {4, 8, 16, 2};
        for (int set = 0; set < 16; set++) {
            byte[] header = Arrays.copyOf(plain, 10);
            for (int i = 0; i < 4; i++) {
                if ((set & 1 << i) != 0) {
                    header[3] |= (byte) bits[i];
                    header = join(header, fields[i]);
                }
            }
            byte[] out = through(engine, join(header, body), set, Transform::gunzip).ok();
            assertEquals("hello", new String(out));
        }
    }

    @EveryEngine
    void truncatedInput_isAnError(EngineKind engine) {
        byte[] packed = gzip(Bytes.random(1, 3000));
        for (int length : new int[] {0, 1, 5, 9, 10, 11, 1000, packed.length - 8}) {
            Out out = through(engine, Arrays.copyOf(packed, length), length, Transform::gunzip);
            assertEquals("Z_BUF_ERROR", out.code(), "cut to " + length);
            assertEquals("unexpected end of file", out.err.getMessage());
        }
        Out out = through(engine, Arrays.copyOf(packed, packed.length - 1), 1, Transform::gunzip);
        assertEquals("Z_BUF_ERROR", out.code());
    }

    @EveryEngine
    void damagedInput_isAnError(EngineKind engine) {
        byte[] packed = gzip(TEXT);
        int[] places = {0, 1, 2, 100, packed.length - 1, packed.length - 5};
        for (int place : places) {
            byte[] damaged = packed.clone();
            damaged[place] ^= 0x55;
            Out out = through(engine, damaged, place, Transform::gunzip);
            assertTrue(
                    List.of("Z_DATA_ERROR", "Z_BUF_ERROR").contains(out.code()),
                    place + ": " + out.code());
        }
        byte[] reserved = packed.clone();
        reserved[3] = (byte) 0x80;
        assertEquals("Z_DATA_ERROR", through(engine, reserved, 1, Transform::gunzip).code());
    }

    @EveryEngine
    void whatFollowsTheLastMember_isDropped(EngineKind engine) {
        byte[] content = "hello".getBytes();
        for (byte[] rest : List.of(new byte[100], "garbage".getBytes())) {
            byte[] packed = join(gzip(content), rest);
            assertArrayEquals(content, through(engine, packed, 1, Transform::gunzip).ok());
        }
        byte[] halfAMember = join(gzip(content), Arrays.copyOf(gzip(content), 15));
        assertEquals("Z_BUF_ERROR", through(engine, halfAMember, 1, Transform::gunzip).code());
    }

    @EveryEngine
    void whatUnpacksToMuch_leavesTheLoopFree_andMemoryBounded(EngineKind engine) {
        byte[] bomb = gzip(new byte[50_000_000]);
        long[] most = {0};
        int[] turns = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Transform gunzip = Transform.gunzip(reactor);
                    Drain drain = new Drain(reactor);
                    reactor.onCheck(() -> {
                        turns[0]++;
                        most[0] = Math.max(most[0], reactor.memory().usedBytes());
                        assertTrue(gunzip.bytesRead() <= turns[0] * (128L << 10));
                    });
                    Pipeline.from(new Spring(reactor, bomb))
                            .through(gunzip)
                            .to(
                                    drain,
                                    err -> {
                                        assertEquals(50_000_000, drain.bytesWritten());
                                        reactor.stop();
                                    });
                });
        assertTrue(most[0] <= 1 << 20, "in use: " + most[0]);
    }

    @EveryEngine
    void anyCodec_isClosedOnce_alsoWhenTheStreamIsDestroyed(EngineKind engine) {
        int[] closes = {0};
        Codec codec =
                new Codec() {
                    @Override
                    public boolean transform(
                            java.nio.ByteBuffer input, boolean last, java.nio.ByteBuffer output) {
                        input.position(input.limit());
                        return true;
                    }

                    @Override
                    public void close() {
                        closes[0]++;
                    }
                };
        Reactors.run(
                engine,
                reactor -> {
                    Transform.of(reactor, codec).destroy();
                    Transform whole = Transform.of(reactor, codec);
                    whole.resume();
                    whole.end("x");
                    Transform.of(reactor, codec).write("left at the end");
                });
        assertEquals(3, closes[0]);
    }

    @EveryEngine
    void wrongArguments_throw(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    assertThrows(IllegalArgumentException.class, () -> Transform.gzip(reactor, 10));
                    assertThrows(IllegalArgumentException.class, () -> Transform.of(reactor, null));
                });
    }

    @EngineTest
    void theGzipCommand_agrees(EngineKind engine) throws Exception {
        byte[] packed = through(engine, TEXT, 6, Transform::gzip).ok();
        assertArrayEquals(TEXT, command(packed, "gzip", "-dc"));
        byte[] theirs = command(TEXT, "gzip", "-c", "-9");
        assertArrayEquals(TEXT, through(engine, theirs, 7, Transform::gunzip).ok());
    }

    private static byte[] command(byte[] in, String... command) throws Exception {
        Process process = new ProcessBuilder(command).start();
        Thread writer =
                Thread.ofPlatform()
                        .start(() -> {
                            try (OutputStream out = process.getOutputStream()) {
                                out.write(in);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
        byte[] out = process.getInputStream().readAllBytes();
        writer.join();
        assertEquals(0, process.waitFor());
        process.getInputStream().close();
        process.getErrorStream().close();
        return out;
    }

    @EveryEngine
    void packingAndUnpacking_isTheIdentity(EngineKind engine) {
        long seed = new SplittableRandom().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 20; round++) {
            byte[] content = new byte[random.nextInt(1 << random.nextInt(1, 19))];
            if (random.nextBoolean()) {
                random.nextBytes(content);
            }
            long part = random.nextLong();
            int level = random.nextInt(-1, Deflater.BEST_COMPRESSION + 1);
            List<byte[]> results = new ArrayList<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Drain drain = new Drain(reactor, part, 1000, Long.MAX_VALUE);
                        Pipeline.from(new Spring(reactor, content, part, 3000))
                                .through(Transform.gzip(reactor, level))
                                .through(Transform.gunzip(reactor))
                                .to(
                                        drain,
                                        err -> {
                                            if (err != null) {
                                                throw err;
                                            }
                                            results.add(drain.content.toByteArray());
                                        });
                    });
            assertArrayEquals(content, results.getFirst(), "seed " + seed + " round " + round);
        }
    }
}
