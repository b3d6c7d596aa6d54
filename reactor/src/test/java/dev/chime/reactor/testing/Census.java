package dev.chime.reactor.testing;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Counts what is open before and after each test, and fails the test that leaves something behind:
 * descriptors by their targets, threads of ours by their stacks.
 *
 * <p>Threads may take a moment to end, so it looks again for two seconds. Native buffers are
 * counted by the reactor itself: in poison mode its end fails when one is still in use.
 */
public final class Census implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(Census.class);
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final long PATIENCE_NANOS = 2_000_000_000L;
    private static final long PAUSE_MILLIS = 5;

    static {
        // The JDK keeps a descriptor of its own from the first channel on.
        try {
            SocketChannel.open().close();
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put("before", descriptors());
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        @SuppressWarnings("unchecked")
        Map<Integer, String> before =
                (Map<Integer, String>) context.getStore(NAMESPACE).get("before", Map.class);
        long end = System.nanoTime() + PATIENCE_NANOS;
        List<String> leaks = leaksSince(before);
        while (!leaks.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(PAUSE_MILLIS);
            leaks = leaksSince(before);
        }
        if (!leaks.isEmpty()) {
            throw new AssertionError("the test leaks " + String.join("\n  and ", leaks));
        }
    }

    private static List<String> leaksSince(Map<Integer, String> before) {
        List<String> leaks = new ArrayList<>();
        descriptors()
                .forEach((fd, target) -> {
                    if (!target.equals(before.get(fd))) {
                        leaks.add("descriptor " + fd + " -> " + target);
                    }
                });
        for (Map.Entry<Thread, StackTraceElement[]> entry : Thread.getAllStackTraces().entrySet()) {
            if (entry.getKey().getName().startsWith("chime-")) {
                leaks.add("thread " + entry.getKey() + " at " + List.of(entry.getValue()));
            }
        }
        return leaks;
    }

    /** The open descriptors of this process and what they refer to, without the JVM's own files. */
    public static Map<Integer, String> descriptors() {
        Map<Integer, String> found = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path entry : entries) {
                String target = target(entry);
                if (!isOfTheJvm(target)) {
                    found.put(Integer.parseInt(entry.getFileName().toString()), target);
                }
            }
        } catch (IOException e) {
            throw new AssertionError("cannot list " + DESCRIPTORS, e);
        }
        return found;
    }

    /** What the kernel tells of the rings of this process. */
    public static String rings() throws IOException {
        StringBuilder told = new StringBuilder();
        for (var each : descriptors().entrySet()) {
            if (each.getValue().contains("io_uring")) {
                told.append(Files.readString(Path.of("/proc/self/fdinfo/" + each.getKey())));
            }
        }
        return told.toString();
    }

    private static String target(Path entry) {
        try {
            return Files.readSymbolicLink(entry).toString();
        } catch (IOException e) {
            return ""; // closed since it was listed: the listing's own
        }
    }

    private static boolean isOfTheJvm(String target) {
        return target.isEmpty()
                || target.endsWith(".jar")
                || target.endsWith("/modules")
                || target.endsWith("random")
                || target.startsWith("/proc/");
    }
}
