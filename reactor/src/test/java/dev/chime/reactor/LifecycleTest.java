package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.RegisterOp;
import dev.chime.reactor.libc.RsrcUpdateLayout;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.testing.Availability;
import dev.chime.reactor.testing.Census;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reactors come and go: nothing of them stays in the process. */
class LifecycleTest {
    private static final int RINGS_OF_A_THREAD = 16;

    @SetupTest
    void reactors_leaveNoDescriptorThreadOrMapping(Setup setup) throws Exception {
        leaveNothing(setup, 350);
    }

    @SetupTest
    @Tag("slow")
    void thousandReactors_leaveNoDescriptorThreadOrMapping(Setup setup) throws Exception {
        leaveNothing(setup, 950);
    }

    private static void leaveNothing(Setup setup, int count) throws Exception {
        cycles(setup, 50); // lets the heap, the compiler and the C library take what they need
        long mapped = mappedKib();
        long lines = mappings("");
        long rings = mappings("io_uring");
        long locked = status("VmLck:");
        int descriptors = Census.descriptors().size();
        cycles(setup, count);
        assertEquals(descriptors, Census.descriptors().size());
        assertEquals(rings, mappings("io_uring"));
        assertEquals(locked, status("VmLck:"));
        long more = mappings("") - lines;
        // The JVM maps and splits regions of its own, but not one for each reactor.
        assertTrue(more < 400, () -> more + " mappings more");
        long grown = mappedKib() - mapped;
        // Slots alone are 128 KiB for each reactor, a ring with its buffers more than four MiB.
        assertTrue(grown < 32_768, () -> "grown by " + grown + " KiB");
    }

    private static void cycles(Setup setup, int count) {
        int[] results = {0};
        for (int i = 0; i < count; i++) {
            boolean withWorker = i % 20 == 0;
            setup.run(reactor -> {
                Ops ops = new Ops(reactor);
                Fd[] pair = ops.socketPair();
                ops.recv(
                        pair[0],
                        (slot, result, more) -> {
                            if (result > 0) {
                                results[0]++;
                                slot.chunk.release();
                                reactor.stop();
                            }
                        });
                ops.writeNow(pair[1], "x");
                if (withWorker) {
                    ops.openat(
                            "/dev/null",
                            Const.O_RDONLY,
                            0,
                            fd -> {
                                if (fd >= 0) {
                                    ops.closeBare(fd, closed -> {});
                                }
                            });
                    reactor.blocking(() -> 1, (err, one) -> {});
                }
            });
        }
        assertEquals(count, results[0]);
    }

    private static long mappedKib() throws IOException {
        return status("VmSize:");
    }

    private static long status(String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new AssertionError("no " + name);
    }

    private static long mappings(String of) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains(of)).count();
        }
    }

    @Test
    void endedReactors_leaveTheThreadItsPlacesForRegisteredRings() throws Exception {
        Assumptions.assumeTrue(Availability.refusal().isEmpty(), Availability::refusal);
        AtomicReference<Throwable> failed = new AtomicReference<>();
        int[] places = {0};
        Thread thread =
                Thread.ofPlatform()
                        .uncaughtExceptionHandler((t, e) -> failed.set(e))
                        .start(() -> {
                            for (int i = 0; i < RINGS_OF_A_THREAD + 1; i++) {
                                Setup.URING.run(reactor -> reactor.nop(err -> {}));
                            }
                            places[0] = freePlaces();
                        });
        thread.join();
        assertNull(failed.get());
        assertEquals(RINGS_OF_A_THREAD, places[0]);
    }

    /** How many rings this thread can register: what an ended ring holds is missing. */
    private static int freePlaces() {
        try (Libc libc = new Libc()) {
            long memory = libc.mmap(4096);
            int ring = (int) libc.syscall(Sys.IO_URING_SETUP, 1, memory);
            assertTrue(ring >= 0, () -> Errno.of(ring).name());
            int count = 0;
            long registered = 1;
            while (registered == 1 && count <= RINGS_OF_A_THREAD) {
                Memory.putLong(memory, 0xffffffffL); // any place
                Memory.putLong(memory + RsrcUpdateLayout.DATA, ring);
                registered =
                        libc.syscall(
                                Sys.IO_URING_REGISTER,
                                ring,
                                RegisterOp.REGISTER_RING_FDS,
                                memory,
                                1);
                count += (int) Math.max(0, registered);
            }
            libc.close(ring);
            libc.munmap(memory, 4096);
            return count;
        }
    }

    @SetupTest
    void manyReactorsAtOnce_eachOnItsThread(Setup setup) throws Exception {
        int count = 8;
        int[] nops = new int[count];
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread[] threads = new Thread[count];
        // One set of denied operations for all: the setup's run is around them.
        setup.run(reactor -> {
            for (int t = 0; t < count; t++) {
                int id = t;
                threads[t] =
                        Thread.ofPlatform()
                                .uncaughtExceptionHandler((x, e) -> failed.set(e))
                                .start(() ->
                                        Reactor.run(setup.options(), r -> nopChain(r, nops, id)));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        });
        assertNull(failed.get());
        for (int done : nops) {
            assertEquals(1000, done);
        }
    }

    private static void nopChain(Reactor reactor, int[] nops, int id) {
        reactor.nop(err -> {
            if (++nops[id] < 1000) {
                nopChain(reactor, nops, id);
            }
        });
    }
}
