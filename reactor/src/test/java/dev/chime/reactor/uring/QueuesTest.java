package dev.chime.reactor.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two queues: counting, batches, overflow and waiting. */
class QueuesTest {
    /** Counts start just below where 32 bits, and where 31, come to an end. */
    @ParameterizedTest
    @ValueSource(ints = {-3, Integer.MAX_VALUE - 2, 0})
    void submissionCounts_wrapAround(int start) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment shared = arena.allocate(1024, 64);
            long head = shared.address();
            long tail = head + 4;
            long entries = head + 64;
            Memory.putInt(head, start);
            Memory.putInt(tail, start);
            SubmissionQueue queue = new SubmissionQueue(head, tail, entries, 4);
            int count = start;
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < 4; i++) {
                    assertEquals(entries + 64L * (count++ & 3), queue.next());
                }
                assertEquals(0, queue.next(), "full");
                assertEquals(4, queue.pending());
                queue.publish();
                assertEquals(count, Memory.getInt(tail));
                Memory.putInt(head, count - 1); // the kernel leaves one
                assertEquals(1, queue.pending());
                Memory.putInt(head, count);
                assertEquals(0, queue.pending());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-3, Integer.MAX_VALUE - 2, 0})
    void completionCounts_wrapAround(int start) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment shared = arena.allocate(1024, 64);
            long head = shared.address();
            long tail = head + 4;
            long entries = head + 64;
            Memory.putInt(head, start);
            Memory.putInt(tail, start);
            CompletionQueue queue = new CompletionQueue(head, tail, entries, 4);
            int count = start;
            for (int round = 0; round < 5; round++) {
                assertEquals(0, queue.peek());
                assertEquals(0, queue.ready());
                Memory.putInt(tail, count + 4);
                assertEquals(4, queue.ready());
                assertEquals(entries + 16L * (count & 3), queue.peek());
                queue.seen(1);
                count++;
                assertEquals(count, Memory.getInt(head));
                assertEquals(entries + 16L * (count + 2 & 3), queue.at(2));
                queue.seen(3);
                count += 3;
            }
        }
    }

    @Test
    void moreThanTheQueueHolds_goesInBatches_nothingIsLost() {
        int total = 10_000;
        List<Long> seen = new ArrayList<>();
        try (Ring ring = Rings.open(8)) {
            long sent = 0;
            while (seen.size() < total) {
                while (sent < total && ring.room() > 0) {
                    ring.sqe().prepNop().userData(sent++);
                }
                assertTrue(Ring.isPassing(ring.submitAndWait(1, -1)));
                ring.forEachCqe(3, cqe -> seen.add(cqe.userData()));
            }
            assertNull(ring.peek());
        }
        assertEquals(LongStream.range(0, total).boxed().toList(), seen);
    }

    @Test
    void overflow_isSeen_andNothingIsLost() {
        int total = 100;
        try (Ring ring = Rings.open(RingOptions.entries(32).completionEntries(32))) {
            long sent = 0;
            for (int i = 0; i < 3; i++) {
                while (ring.room() > 0 && sent < total) {
                    ring.sqe().prepNop().userData(sent++);
                }
                ring.submit();
            }
            assertEquals(32, ring.cqReady());
            assertTrue(ring.isOverflowing());
            List<Long> seen = new ArrayList<>();
            for (Cqe cqe = ring.peek(); cqe != null; cqe = ring.peek()) {
                seen.add(cqe.userData());
                ring.seen();
            }
            assertFalse(ring.isOverflowing());
            assertEquals(LongStream.range(0, sent).boxed().toList(), seen);
            assertTrue(sent >= 64, "sent " + sent);
        }
    }

    @Test
    void batch_isLookedAtWhole_andSeenAtOnce() {
        try (Ring ring = Rings.open(8)) {
            for (int i = 0; i < 5; i++) {
                ring.sqe().prepNop().userData(i);
            }
            ring.submitAndWait(5, -1);

            assertEquals(5, ring.cqReady());
            for (int i = 0; i < 5; i++) {
                assertEquals(i, ring.cqeAt(i).userData());
            }
            assertThrows(IndexOutOfBoundsException.class, () -> ring.cqeAt(5));
            ring.seen(4);
            assertEquals(4, Rings.result(ring, 4) + 4);
            assertThrows(IllegalStateException.class, ring::seen);
            assertThrows(IllegalStateException.class, () -> ring.seen(-1));
        }
    }

    @Test
    void consumerThatThrows_losesAndRepeatsNothing() {
        try (Ring ring = Rings.open(8)) {
            for (int i = 0; i < 4; i++) {
                ring.sqe().prepNop().userData(i);
            }
            ring.submitAndWait(4, -1);
            List<Long> seen = new ArrayList<>();
            CqeConsumer consumer =
                    cqe -> {
                        seen.add(cqe.userData());
                        if (cqe.userData() == 1) {
                            throw new IllegalArgumentException("one");
                        }
                    };

            assertThrows(IllegalArgumentException.class, () -> ring.forEachCqe(consumer));
            assertEquals(2, ring.forEachCqe(consumer));
            assertEquals(List.of(0L, 1L, 2L, 3L), seen);
        }
    }

    @Test
    void waits_endWhenTheTimeIsOver_orAllAreThere() throws Exception {
        try (Ring ring = Rings.open(8);
                Libc libc = new Libc();
                Arena arena = Arena.ofConfined()) {
            long start = System.nanoTime();
            assertNull(ring.waitCqe(Duration.ofMillis(30)));
            assertTrue(System.nanoTime() - start >= 30_000_000);
            assertNull(ring.waitCqe(Duration.ZERO));

            int[] pipe = Rings.pipe(libc, arena);
            ring.sqe().prepRead(pipe[0], arena.allocate(1), -1).userData(1);
            ring.sqe().prepRead(pipe[0], arena.allocate(1), -1).userData(2);
            Thread writer = Thread.ofPlatform().start(() -> writeTwice(pipe[1]));
            assertEquals(2, ring.submitAndWait(2, 60_000_000_000L));
            assertEquals(2, ring.cqReady());
            assertEquals("{1=1, 2=1}", Rings.results(ring, 2));
            writer.join();
            Rings.close(libc, pipe);
            ring.sqe().prepNop().userData(3);
            ring.submit();
            assertEquals(3, ring.waitCqe(Duration.ofSeconds(Long.MAX_VALUE)).userData());
        }
    }

    private static void writeTwice(int fd) {
        try (Libc libc = new Libc();
                Arena arena = Arena.ofConfined()) {
            MemorySegment letter = Rings.text(arena, "x");
            for (int i = 0; i < 2; i++) {
                assertEquals(1, libc.syscall(Sys.WRITE, fd, letter.address(), 1));
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
