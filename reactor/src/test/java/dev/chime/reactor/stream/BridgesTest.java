package dev.chime.reactor.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SubmissionPublisher;

/** Streams on other threads: all of these wait, so none runs in a simulation. */
class BridgesTest {
    private static final byte[] CONTENT = Bytes.random(1, 1_000_000);

    private static <T> FutureTask<T> virtual(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    @EngineTest
    void aVirtualThread_readsEverything(EngineKind engine) throws Exception {
        List<FutureTask<byte[]>> readers = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    InputStream all = Bridges.inputStream(new Spring(reactor, CONTENT));
                    readers.add(virtual(all::readAllBytes));
                    InputStream single =
                            Bridges.inputStream(new Spring(reactor, CONTENT, 2, 100_000));
                    readers.add(
                            virtual(() -> {
                                ByteArrayOutputStream out = new ByteArrayOutputStream();
                                int next = single.read();
                                while (next >= 0) {
                                    out.write(next);
                                    next = single.read();
                                }
                                assertEquals(-1, single.read(), "for ever");
                                return out.toByteArray();
                            }));
                });
        for (FutureTask<byte[]> reader : readers) {
            assertArrayEquals(CONTENT, reader.get());
        }
    }

    @EngineTest
    void aSlowReader_holdsTheStreamBack(EngineKind engine) throws Exception {
        List<FutureTask<Integer>> reader = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    InputStream in = Bridges.inputStream(spring);
                    CountDownLatch full = new CountDownLatch(1);
                    // The loop goes on alone: what it has read when nothing moves is the bound.
                    whenStill(reactor, spring, -1, full);
                    reader.add(
                            virtual(() -> {
                                full.await();
                                int ahead = spring.at;
                                in.readAllBytes();
                                return ahead;
                            }));
                });
        int ahead = reader.getFirst().get();
        assertTrue(ahead <= (2 * 64 << 10) + 30_000, "ahead " + ahead);
    }

    private static void whenStill(
            dev.chime.reactor.Reactor reactor, Spring spring, int before, CountDownLatch still) {
        if (before == spring.at && before > 0 && spring.isPaused()) {
            still.countDown();
            return;
        }
        int now = spring.at;
        reactor.setTimeout(5, () -> whenStill(reactor, spring, now, still));
    }

    @EngineTest
    void errorsArrive_asTheyAre(EngineKind engine) throws Exception {
        List<FutureTask<IOException>> reader = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    spring.failAt = 100_000;
                    InputStream in = Bridges.inputStream(spring);
                    reader.add(virtual(() -> assertThrows(IOException.class, in::readAllBytes)));
                });
        ReactorException cause =
                assertInstanceOf(ReactorException.class, reader.getFirst().get().getCause());
        assertEquals("ERR_SPRING", cause.code());
    }

    @EngineTest
    void closingTheInput_destroysTheStream(EngineKind engine) throws Exception {
        Spring[] spring = new Spring[1];
        List<FutureTask<Void>> reader = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    spring[0] = new Spring(reactor, CONTENT);
                    InputStream in = Bridges.inputStream(spring[0]);
                    reader.add(
                            virtual(() -> {
                                in.read();
                                in.close();
                                in.close();
                                assertThrows(IOException.class, in::read);
                                return null;
                            }));
                });
        reader.getFirst().get();
        assertTrue(spring[0].isClosed());
        assertFalse(spring[0].isEnded());
    }

    @EngineTest
    void theLoopsOwnThread_isRefusedToWait(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    InputStream in = Bridges.inputStream(new Spring(reactor, CONTENT));
                    assertThrows(IllegalStateException.class, in::read);
                    in.close();
                });
    }

    @EngineTest
    void anInterrupt_endsTheWait_andLosesNothing(EngineKind engine) throws Exception {
        List<FutureTask<byte[]>> reader = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    InputStream waiting = Bridges.inputStream(spring);
                    spring.pause();
                    reader.add(
                            virtual(() -> {
                                Thread.currentThread().interrupt();
                                assertThrows(InterruptedIOException.class, waiting::read);
                                assertTrue(Thread.interrupted());
                                reactor.execute(spring::resume);
                                return waiting.readAllBytes();
                            }));
                });
        for (FutureTask<byte[]> each : reader) {
            assertArrayEquals(CONTENT, each.get());
        }
    }

    @EngineTest
    void aVirtualThread_writesEverything(EngineKind engine) throws Exception {
        Drain[] drain = new Drain[1];
        List<FutureTask<Void>> writer = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    drain[0] = new Drain(reactor);
                    OutputStream out = Bridges.outputStream(drain[0]);
                    writer.add(
                            virtual(() -> {
                                out.write(CONTENT[0]);
                                out.write(CONTENT, 1, 299_999);
                                out.flush();
                                assertEquals(300_000, drain[0].bytesWritten());
                                for (int at = 300_000; at < CONTENT.length; at += 1000) {
                                    out.write(CONTENT, at, 1000);
                                }
                                out.close();
                                assertTrue(drain[0].isFinished());
                                assertThrows(IOException.class, () -> out.write(1));
                                out.close();
                                return null;
                            }));
                });
        writer.getFirst().get();
        assertArrayEquals(CONTENT, drain[0].content.toByteArray());
    }

    @EngineTest
    void aFailingDestination_isHeardByTheWriter(EngineKind engine) throws Exception {
        List<FutureTask<IOException>> writer = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    drain.failAt = 200_000;
                    OutputStream out = Bridges.outputStream(drain);
                    writer.add(
                            virtual(() ->
                                    assertThrows(
                                            IOException.class,
                                            () -> {
                                                while (true) {
                                                    out.write(new byte[10_000]);
                                                }
                                            })));
                });
        ReactorException cause =
                assertInstanceOf(ReactorException.class, writer.getFirst().get().getCause());
        assertEquals("ERR_DRAIN", cause.code());
    }

    @EngineTest
    void anInterruptedWriter_stopsWaiting(EngineKind engine) throws Exception {
        List<FutureTask<Void>> writer = new ArrayList<>();
        Drain[] drain = new Drain[1];
        Reactors.run(
                engine,
                reactor -> {
                    drain[0] = new Drain(reactor);
                    drain[0].stuck = true;
                    OutputStream out = Bridges.outputStream(drain[0]);
                    writer.add(
                            virtual(() -> {
                                out.write(new byte[10]);
                                Thread.currentThread().interrupt();
                                assertThrows(InterruptedIOException.class, out::flush);
                                assertTrue(Thread.interrupted());
                                reactor.execute(() -> drain[0].destroy());
                                return null;
                            }));
                });
        writer.getFirst().get();
    }

    /** Takes all, so many at a time. */
    private static class Collector implements Flow.Subscriber<ByteBuffer> {
        final int batch;
        final ByteArrayOutputStream content = new ByteArrayOutputStream();
        final CountDownLatch over = new CountDownLatch(1);
        Flow.Subscription subscription;
        Throwable error;
        int asked;

        Collector(int batch) {
            this.batch = batch;
        }

        @Override
        public void onSubscribe(Flow.Subscription from) {
            subscription = from;
            ask();
        }

        void ask() {
            asked = batch;
            subscription.request(batch);
        }

        @Override
        public void onNext(ByteBuffer item) {
            content.writeBytes(item.array());
            if (--asked == 0) {
                Thread.ofVirtual().start(this::ask);
            }
            assertTrue(asked >= 0, "more than was asked for");
        }

        @Override
        public void onError(Throwable thrown) {
            error = thrown;
            over.countDown();
        }

        @Override
        public void onComplete() {
            over.countDown();
        }
    }

    @EngineTest
    void publisher_givesWhatIsAskedFor(EngineKind engine) throws Exception {
        Collector collector = new Collector(3);
        Collector second = new Collector(1);
        Reactors.run(
                engine,
                reactor -> {
                    Flow.Publisher<ByteBuffer> publisher =
                            Bridges.publisher(new Spring(reactor, CONTENT));
                    publisher.subscribe(collector);
                    publisher.subscribe(second);
                });
        collector.over.await();
        assertArrayEquals(CONTENT, collector.content.toByteArray());
        assertInstanceOf(IllegalStateException.class, second.error);
    }

    @EngineTest
    void publisher_tellsErrors_andHearsOfCancels(EngineKind engine) throws Exception {
        Collector failing = new Collector(1);
        Collector cancelling =
                new Collector(1) {
                    @Override
                    public void onNext(ByteBuffer item) {
                        super.onNext(item);
                        subscription.cancel();
                    }
                };
        Collector wrong =
                new Collector(1) {
                    @Override
                    void ask() {
                        subscription.request(0);
                    }
                };
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    spring.failAt = 10;
                    Bridges.publisher(spring).subscribe(failing);
                    Spring cancelled = new Spring(reactor, CONTENT);
                    Bridges.publisher(cancelled).subscribe(cancelling);
                    cancelled.onClose(err -> cancelling.over.countDown());
                    Bridges.publisher(new Spring(reactor, CONTENT)).subscribe(wrong);
                });
        failing.over.await();
        cancelling.over.await();
        assertEquals("ERR_SPRING", ((ReactorException) failing.error).code());
        assertInstanceOf(IllegalArgumentException.class, wrong.error);
    }

    @EngineTest
    void subscriber_writesWhatIsPublished(EngineKind engine) throws Exception {
        Drain[] drain = new Drain[1];
        Reactors.run(
                engine,
                reactor -> {
                    drain[0] = new Drain(reactor);
                    SubmissionPublisher<ByteBuffer> publisher = new SubmissionPublisher<>();
                    publisher.subscribe(Bridges.subscriber(drain[0]));
                    virtual(() -> {
                        for (int at = 0; at < CONTENT.length; at += 10_000) {
                            publisher.submit(ByteBuffer.wrap(CONTENT, at, 10_000));
                        }
                        publisher.close();
                        return null;
                    });
                });
        assertArrayEquals(CONTENT, drain[0].content.toByteArray());
        assertTrue(drain[0].isFinished());
    }

    @EngineTest
    void subscriber_destroysAndCancels(EngineKind engine) throws Exception {
        List<String> heard = new ArrayList<>();
        CountDownLatch cancelled = new CountDownLatch(1);
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    SubmissionPublisher<ByteBuffer> publisher = new SubmissionPublisher<>();
                    publisher.subscribe(Bridges.subscriber(drain));
                    drain.onClose(err -> heard.add(err.code() + " " + err.getCause().getMessage()));
                    virtual(() -> {
                        publisher.closeExceptionally(new Exception("no more"));
                        return null;
                    });
                    Drain gone = new Drain(reactor);
                    SubmissionPublisher<ByteBuffer> other = new SubmissionPublisher<>();
                    other.subscribe(Bridges.subscriber(gone));
                    virtual(() -> {
                        other.submit(ByteBuffer.wrap("x".getBytes(UTF_8)));
                        reactor.execute(gone::destroy);
                        while (other.hasSubscribers()) {
                            Thread.onSpinWait();
                        }
                        cancelled.countDown();
                        return null;
                    });
                });
        cancelled.await();
        assertEquals(List.of("ERR_STREAM_PUBLISHER no more"), heard);
    }

    @EngineTest
    void theReactorsEnd_endsEveryWait(EngineKind engine) throws Exception {
        List<FutureTask<Throwable>> waiting = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring silent = new Spring(reactor, new byte[0]);
                    silent.endless = true;
                    InputStream in = Bridges.inputStream(silent);
                    waiting.add(virtual(() -> assertThrows(IOException.class, in::read)));
                    Drain stuck = new Drain(reactor);
                    stuck.stuck = true;
                    OutputStream out = Bridges.outputStream(stuck);
                    waiting.add(
                            virtual(() -> {
                                try {
                                    out.write(1);
                                } catch (IOException e) {
                                    return e;
                                }
                                return assertThrows(IOException.class, out::flush);
                            }));
                    reactor.setTimeout(20, reactor::stop);
                });
        for (FutureTask<Throwable> each : waiting) {
            try {
                assertInstanceOf(IOException.class, each.get());
            } catch (ExecutionException e) {
                throw new AssertionError(e);
            }
        }
    }
}
