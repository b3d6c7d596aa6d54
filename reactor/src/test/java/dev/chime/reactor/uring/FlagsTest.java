package dev.chime.reactor.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Opcode;
import dev.chime.reactor.libc.RingParamsLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The flags of entries: links, drain, async, silent success; and the set-up flags of polling. */
class FlagsTest {
    private static final int CANCELED = -ErrnoCode.ECANCELED;

    @TempDir Path folder;

    @Test
    void linkedChain_stopsAtAnError_andAtAShortRead() throws Exception {
        Path file = Files.writeString(folder.resolve("short"), "12345");
        try (Ring ring = Rings.open(8);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int fd = Rings.open(ring, arena, file, Const.O_RDONLY);
            ring.sqe().prepRead(fd, arena.allocate(5), 0).userData(1).link();
            ring.sqe().prepRead(fd, arena.allocate(16), 0).userData(2).link(); // short
            ring.sqe().prepNop().userData(3).link();
            ring.sqe().prepNop().userData(4);
            ring.sqe().prepNop().userData(5); // of no chain
            ring.submit();

            assertEquals(
                    "{1=5, 2=5, 3=" + CANCELED + ", 4=" + CANCELED + ", 5=0}",
                    Rings.results(ring, 5));
            Rings.close(libc, fd);
        }
    }

    @Test
    void hardLink_goesOnAfterAnError() {
        try (Ring ring = Rings.open(8);
                Arena arena = Arena.ofConfined()) {
            ring.sqe().prepTimeout(Rings.timespec(arena, 5)).userData(1).hardLink();
            ring.sqe().prepNop().userData(2);
            ring.submit();

            assertEquals(-ErrnoCode.ETIME, Rings.result(ring, 1));
            assertEquals(0, Rings.result(ring, 2));
        }
    }

    @Test
    void linkTimeout_endsWhatTakesTooLong() {
        try (Ring ring = Rings.open(8);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int[] pipe = Rings.pipe(libc, arena);
            ring.sqe().prepRead(pipe[0], arena.allocate(8), -1).userData(1).link();
            ring.sqe().prepLinkTimeout(Rings.timespec(arena, 10)).userData(2);
            ring.submit();
            String results = Rings.results(ring, 2);
            assertTrue(
                    results.equals("{1=" + CANCELED + ", 2=-62}")
                            || results.equals("{1=-4, 2=-62}"),
                    results);

            ring.sqe().prepNop().userData(1).link();
            ring.sqe().prepLinkTimeout(Rings.timespec(arena, 60_000)).userData(2);
            ring.submit();
            assertEquals("{1=0, 2=" + CANCELED + "}", Rings.results(ring, 2));
            Rings.close(libc, pipe);
        }
    }

    @Test
    void drain_startsWhenAllBeforeHaveEnded() {
        try (Ring ring = Rings.open(8);
                Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < 3; i++) {
                ring.sqe().prepTimeout(Rings.timespec(arena, 30 - 10 * i)).userData(i);
            }
            ring.sqe().prepNop().userData(9).drain();
            List<Long> order = new ArrayList<>();
            while (order.size() < 4) {
                assertTrue(Ring.isPassing(ring.submitAndWait(60_000_000_000L)));
                ring.forEachCqe(cqe -> order.add(cqe.userData()));
            }

            assertEquals(9L, order.getLast());
        }
    }

    @Test
    void async_givesTheSameResult() throws Exception {
        Path file = Files.writeString(folder.resolve("async"), "by a worker");
        try (Ring ring = Rings.open(8);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int fd = Rings.open(ring, arena, file, Const.O_RDONLY);
            MemorySegment buffer = arena.allocate(64);

            assertEquals(11, Rings.run(ring, ring.sqe().prepRead(fd, buffer, 0).async()));
            assertEquals("by a worker", Rings.text(buffer, 11));
            Rings.close(libc, fd);
        }
    }

    @Test
    void skipSuccess_onlyFailuresComplete() {
        try (Ring ring = Rings.open(8);
                Arena arena = Arena.ofConfined()) {
            assumeTrue((ring.features() & RingParamsLayout.FEAT_CQE_SKIP) != 0);
            ring.sqe().prepNop().userData(1).skipSuccess();
            ring.sqe().prepRead(-1, arena.allocate(8), 0).userData(2).skipSuccess();
            ring.sqe().prepNop().userData(3);
            ring.submit();

            assertEquals("{2=" + -ErrnoCode.EBADF + ", 3=0}", Rings.results(ring, 2));
            assertNull(ring.peek());
        }
    }

    @Test
    void cancel_byUserDataAndByDescriptor() {
        try (Ring ring = Rings.open(8);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int[] pair = Rings.socketPair(libc, arena);
            ring.sqe().prepRecv(pair[0], arena.allocate(8), 0).userData(1);
            ring.submit();
            assertEquals(
                    "{1=" + CANCELED + ", 2=0}",
                    cancel(ring, ring.sqe().prepCancel(1).userData(2), 2));

            ring.sqe().prepRecv(pair[0], arena.allocate(8), 0).userData(1);
            ring.sqe().prepRecv(pair[0], arena.allocate(8), 0).userData(3);
            ring.submit();
            assertEquals(
                    "{1=" + CANCELED + ", 2=2, 3=" + CANCELED + "}",
                    cancel(ring, ring.sqe().prepCancelFd(pair[0]).userData(2), 3));
            Rings.close(libc, pair);
        }
    }

    private static String cancel(Ring ring, Sqe ready, int completions) {
        assertTrue(ready != null && ring.submit() == 1);
        return Rings.results(ring, completions);
    }

    @Test
    void sqPoll_pollerThatSleeps_isWoken() throws Exception {
        try (Ring ring = Rings.open(RingOptions.entries(4).sqPoll(Duration.ofMillis(1)))) {
            for (int round = 0; round < 20; round++) {
                Thread.sleep(round % 4); // the poller is asleep in some rounds
                ring.sqe().prepNop().userData(round);
                ring.submit();
                assertEquals(0, Rings.result(ring, round));
                ring.sqe().prepNop().userData(100 + round);
                assertTrue(Ring.isPassing(ring.submitAndWait(1, 60_000_000_000L)));
                assertEquals(0, Rings.result(ring, 100 + round));
            }
            long sent = 0;
            int done = 0;
            while (done < 1000) {
                if (sent < 1000) {
                    ring.awaitSqSpace();
                    ring.sqe().prepNop().userData(sent++);
                    ring.submit();
                }
                done += ring.forEachCqe(cqe -> assertEquals(0, cqe.result()));
            }
        }
    }

    @Test
    void ioPoll_readsDirectly_orSaysThatTheDeviceCannot() throws Exception {
        Path file = Files.write(folder.resolve("direct"), new byte[8192]);
        try (Ring plain = Rings.open(4);
                Ring ring = Rings.open(RingOptions.entries(4).ioPoll());
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int flags = Const.O_RDONLY | Const.O_DIRECT | Const.O_CLOEXEC;
            int fd =
                    Rings.run(
                            plain,
                            plain.sqe()
                                    .prepOpenat(
                                            Const.AT_FDCWD,
                                            arena.allocateFrom(file.toString()),
                                            flags,
                                            0));
            assumeTrue(fd >= 0, "no O_DIRECT in " + folder);
            int read = Rings.run(ring, ring.sqe().prepRead(fd, arena.allocate(4096, 4096), 0));
            assertTrue(read == 4096 || read == -ErrnoCode.EOPNOTSUPP, "result " + read);
            // What cannot be polled is refused and not left waiting.
            int[] pipe = Rings.pipe(libc, arena);
            int refused = Rings.run(ring, ring.sqe().prepPollAdd(pipe[0], Const.EPOLLIN));
            assertTrue(refused == -ErrnoCode.EINVAL, "result " + refused);
            Rings.close(libc, pipe);
            Rings.close(libc, fd);
        }
    }

    @Test
    void msgRing_reachesAnotherRing() throws Exception {
        try (Ring ring = Rings.open(4);
                Ring other = Rings.open(4)) {
            Rings.needs(ring, Opcode.MSG_RING);

            assertEquals(0, Rings.run(ring, ring.sqe().prepMsgRing(other.fd(), 42, 7)));
            assertEquals(42, Rings.result(other, 7));
        }
    }
}
