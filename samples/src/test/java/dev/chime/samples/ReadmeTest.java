package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Op;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows compiles, and what it tabulates is what the code has. */
class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");

    @TempDir Path folder;

    @Test
    void everyExampleCompiles() throws Exception {
        Examples.compile(Examples.of(README), folder);
    }

    @Test
    void tableOfOperations_isTheVocabularys() throws Exception {
        String readme = Files.readString(README);
        for (Op op : Op.values()) {
            if (op == Op.ASYNC_CANCEL || op == Op.LINK_TIMEOUT || op == Op.NOP) {
                continue; // no call of the user's
            }
            String row =
                    "`" + op.name() + "` | " + op.sinceKernel() + " | " + where(op.route()) + " |";
            assertTrue(readme.contains(row), "the README's table has no row with: " + row);
        }
    }

    private static String where(Op.Route route) {
        return switch (route) {
            case WORKER -> "worker thread";
            case INLINE -> "loop thread, at once";
            case READABLE, WRITABLE, POLLED -> "loop thread, with epoll";
        };
    }
}
