package dev.chime.reactor.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.RingParamsLayout;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong use of the ring layer fails clearly, and never crashes. */
class MisuseTest {
    @Test
    void closedRing_refusesEveryCall() throws Exception {
        Ring ring = Rings.open(4);
        BufferRing buffers = BufferRing.register(ring, 1, 2, 64, false);
        Sqe sqe = ring.sqe().prepNop().userData(1);
        ring.submit();
        Cqe cqe = ring.waitCqe();
        RingResources resources = new RingResources(ring);
        ring.close();
        ring.close();

        Executable[] calls = {
            ring::sqe,
            ring::nextSqe,
            ring::room,
            ring::pending,
            ring::submit,
            ring::submitAndPeek,
            () -> ring.submitAndWait(0),
            ring::awaitSqSpace,
            ring::peek,
            ring::peekCqe,
            ring::waitCqe,
            () -> ring.waitCqe(Duration.ZERO),
            () -> ring.forEachCqe(any -> {}),
            ring::cqReady,
            ring::seen,
            () -> ring.cqeAt(0),
            ring::isOverflowing,
            ring::kernelWantsEnter,
            ring::enable,
            resources::opcodes,
            sqe::prepNop,
            sqe::link,
            () -> sqe.userData(1),
            () -> sqe.ioprio(1),
            () -> sqe.bufferSelect(1),
            () -> sqe.fileIndex(1),
            cqe::userData,
            cqe::result,
            cqe::flags,
        };
        for (int i = 0; i < calls.length; i++) {
            int number = i;
            var e =
                    assertThrows(
                            IllegalStateException.class, calls[i], () -> "call number " + number);
            assertTrue(e.getMessage().contains("closed"), e.getMessage());
        }
        assertTrue(ring.isClosed());
        assertEquals("Cqe[closed]", cqe.toString());
        buffers.close();
        buffers.close();
        assertThrows(IllegalStateException.class, () -> buffers.provide(0));
        assertThrows(IllegalStateException.class, buffers::publish);
        assertThrows(IllegalStateException.class, () -> buffers.buffer(0));
    }

    @Test
    void anotherThread_isToldThatTheRingIsNotIts() throws Exception {
        try (Ring ring = Rings.open(RingOptions.loop(4, 16))) {
            assumeTrue((ring.setupFlags() & RingParamsLayout.SETUP_SINGLE_ISSUER) != 0);
            ring.enable();
            ring.sqe().prepNop().userData(1);
            AtomicReference<Object> submitted = new AtomicReference<>();
            AtomicReference<Throwable> waited = new AtomicReference<>();
            Thread other =
                    Thread.ofPlatform()
                            .start(() -> {
                                submitted.set(ring.submit());
                                waited.set(
                                        assertThrows(IllegalStateException.class, ring::waitCqe));
                            });
            other.join();

            assertEquals(-ErrnoCode.EEXIST, submitted.get());
            assertTrue(
                    waited.get().getMessage().contains("the thread that enabled it"),
                    () -> waited.get().getMessage());
            ring.submit();
            assertEquals(0, Rings.result(ring, 1));
        }
    }

    @Test
    void ringThatIsNotEnabled_saysSo() throws Exception {
        try (Ring ring = Rings.open(RingOptions.loop(4, 16))) {
            assumeTrue((ring.setupFlags() & RingParamsLayout.SETUP_R_DISABLED) != 0);
            ring.sqe().prepNop();

            assertEquals(-ErrnoCode.EBADFD, ring.submit());
            var e = assertThrows(IllegalStateException.class, ring::waitCqe);
            assertTrue(e.getMessage().contains("enable()"), e.getMessage());
        }
    }

    @Test
    void heapMemory_isRefusedEverywhere() {
        try (Ring ring = Rings.open(4)) {
            MemorySegment heap = MemorySegment.ofArray(new byte[64]);
            Sqe sqe = ring.sqe().prepNop();
            Executable[] calls = {
                () -> sqe.prepRead(0, heap, 0),
                () -> sqe.prepWritev(0, heap, 1, 0),
                () -> sqe.prepOpenat(0, heap, 0, 0),
                () -> sqe.prepSend(0, heap, 0),
                () -> sqe.prepRecvmsg(0, heap, 0),
                () -> sqe.prepTimeout(heap),
                () -> new RingResources(ring).registerBuffers(heap),
            };
            for (Executable call : calls) {
                var e = assertThrows(IllegalArgumentException.class, call);
                assertTrue(e.getMessage().contains("native memory"), e.getMessage());
            }
            ring.submit();
            assertEquals(0, Rings.result(ring, 0), "a refused prep leaves the entry as it was");
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                RingParamsLayout.SETUP_SQE128,
                RingParamsLayout.SETUP_CQE32,
                RingParamsLayout.SETUP_CQE_MIXED,
                RingParamsLayout.SETUP_NO_MMAP,
                RingParamsLayout.SETUP_REGISTERED_FD_ONLY
            })
    void otherEntrySizes_areRefused(int flag) {
        assertThrows(
                IllegalArgumentException.class,
                () -> new RingOptions(8, 0, flag, true, Duration.ZERO));
    }

    @Test
    void sizes_areChecked() {
        assertThrows(IllegalArgumentException.class, () -> RingOptions.entries(0));
        assertThrows(IllegalArgumentException.class, () -> RingOptions.entries(1 << 17));
        try (Ring ring = Rings.open(4)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> BufferRing.register(ring, 1, 3, 64, false));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> BufferRing.register(ring, 1, 2, 8, false));
        }
    }
}
