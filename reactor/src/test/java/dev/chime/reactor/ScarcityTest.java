package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.EngineRefused;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.uring.RingException;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A process that has no descriptors or no address space left: what a reactor says, and leaves. */
class ScarcityTest {
    private static final int DESCRIPTORS = 64;

    /** The child's program: tries to start a reactor at each number of free descriptors. */
    static final class NoDescriptors {
        private NoDescriptors() {}

        /** Takes the engine's name. */
        public static void main(String[] arguments) throws IOException {
            ReactorOptions options =
                    ReactorOptions.defaults().engine(EngineKind.valueOf(arguments[0]));
            run(options, "warm-up");
            loadWhatFailureNeeds();
            List<FileInputStream> taken = new ArrayList<>();
            try {
                while (true) {
                    taken.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException e) {
                // All are taken: now one after the other comes back.
            }
            for (int free = 0; free <= 3; free++) {
                for (int round = 0; round < 3; round++) {
                    run(options, free + " free");
                }
                taken.removeLast().close();
            }
            while (!taken.isEmpty()) {
                taken.removeLast().close();
            }
            run(options, "all free");
        }

        /** A class file takes a descriptor as well. */
        private static void loadWhatFailureNeeds() {
            String ring = RingException.class.getName();
            EngineRefused refused = new EngineRefused(ring, Errno.EMFILE.number());
            Errno errno = Errno.of(refused.errno());
            System.out.println(new EngineUnavailableException("warm-up", errno, refused));
        }

        private static void run(ReactorOptions options, String name) {
            try {
                Reactor.run(
                        options,
                        reactor -> reactor.nop(err -> System.out.println(name + ": ran " + err)));
            } catch (EngineUnavailableException | IllegalStateException e) {
                System.out.println(name + ": " + e.getMessage());
            }
        }
    }

    @EngineTest
    void withoutDescriptors_theStartFailsWithTheRemedy_andLeavesNone(EngineKind engine)
            throws Exception {
        List<String> prefix =
                List.of("sh", "-c", "ulimit -n " + DESCRIPTORS + "; exec \"$@\"", "sh");
        List<String> lines =
                ChildJvm.run(
                        prefix,
                        List.of("-XX:TieredStopAtLevel=1"),
                        NoDescriptors.class,
                        engine.name());
        String all = String.join("\n", lines);
        List<String> none = lines.stream().filter(line -> line.startsWith("0 free: ")).toList();
        assertEquals(3, none.size(), all);
        for (String line : none) {
            assertTrue(line.contains("EMFILE"), all);
            assertTrue(line.contains("raise `ulimit -n`"), all);
        }
        assertEquals(
                3, lines.stream().filter("3 free: ran null"::equals).count(), "a leak? " + all);
        assertTrue(lines.contains("all free: ran null"), all);
        assertEquals("exit 0", lines.getLast(), all);
    }

    /** The child's program: fills the address space, then releases it. */
    static final class NoAddressSpace {
        private NoAddressSpace() {}

        /** Takes the engine's name. */
        public static void main(String[] arguments) {
            Reactor.run(
                    ReactorOptions.defaults()
                            .engine(EngineKind.valueOf(arguments[0]))
                            .maxNativeBytes(1L << 50),
                    reactor -> {
                        List<Buffer> buffers = new ArrayList<>();
                        try {
                            while (true) {
                                buffers.add(reactor.buffer(512 << 20));
                            }
                        } catch (NativeMemoryException e) {
                            System.out.println(e.getMessage());
                        }
                        buffers.forEach(Buffer::release);
                        reactor.buffer(512 << 20).release();
                        reactor.nop(err -> System.out.println("ran " + err));
                    });
        }
    }

    @EngineTest
    void withoutAddressSpace_bufferThrowsWithTheRemedy_andTheLoopGoesOn(EngineKind engine)
            throws Exception {
        List<String> prefix = List.of("sh", "-c", "ulimit -v 8000000; exec \"$@\"", "sh");
        List<String> options =
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:ReservedCodeCacheSize=32m",
                        "-XX:CompressedClassSpaceSize=32m");
        List<String> lines = ChildJvm.run(prefix, options, NoAddressSpace.class, engine.name());
        String all = String.join("\n", lines);
        assertTrue(all.contains("no native memory for 536870912 bytes: "), all);
        assertTrue(all.contains("the kernel maps no more: raise the memory limit"), all);
        assertEquals(List.of("ran null", "exit 0"), lines.subList(lines.size() - 2, lines.size()));
    }
}
