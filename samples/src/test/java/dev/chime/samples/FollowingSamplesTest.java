package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** The samples that follow what happens to files: tail and watch. */
class FollowingSamplesTest {
    @TempDir Path folder;

    private static void append(Path file, String text) throws Exception {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    @EngineTest
    void tail_printsTheLastLines_howeverLongTheFile(EngineKind engine) throws Exception {
        Path few = Files.writeString(folder.resolve("few"), "one\ntwo");
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 40_000; i++) {
            many.append("line ").append(i).append('\n');
        }
        Path file = Files.writeString(folder.resolve("many"), many);
        String missing = folder.resolve("missing").toString();

        Sample.Ended ten = Sample.run(folder, engine, "tail", file.toString());
        Sample.Ended half = Sample.run(folder, engine, "tail", file.toString(), "--lines", "20000");
        Sample.Ended all = Sample.run(folder, engine, "tail", few.toString());
        Sample.Ended none = Sample.run(folder, engine, "tail", missing);

        assertEquals(many.substring(many.indexOf("line 39990")), ten.out(), ten.err());
        assertEquals(many.substring(many.indexOf("line 20000")), half.out(), half.err());
        assertEquals("one\ntwo", all.out());
        assertEquals(1, none.code());
        assertEquals(
                "ENOENT: no such file or directory, open '" + missing + "'", none.err().strip());
    }

    @EngineTest
    void tailF_followsWhatIsWritten_pastTruncationAndRename(EngineKind engine) throws Exception {
        Path file = Files.writeString(folder.resolve("log"), "old\nlast\n");
        try (Sample tail =
                Sample.start(folder, engine, "tail", "-f", file.toString(), "--lines", "1")) {
            tail.awaitOut("last");
            append(file, "appended\n");
            tail.awaitOut("appended");

            Files.writeString(file, "cut\n"); // truncates
            tail.awaitOut("cut");
            assertTrue(tail.awaitLog("has been cut off").contains(file.toString()));

            Path rotated = folder.resolve("log.1");
            Files.move(file, rotated);
            append(rotated, "the old one's end\n");
            Files.writeString(folder.resolve("log.new"), "a new file\n");
            Files.move(folder.resolve("log.new"), file);
            tail.awaitOut("a new file");
            append(file, "and more\n");
            tail.awaitOut("and more");

            Files.delete(file);
            Files.writeString(file, "again\n");
            tail.awaitOut("again");

            assertEquals(
                    List.of(
                            "last",
                            "appended",
                            "cut",
                            "the old one's end",
                            "a new file",
                            "and more",
                            "again"),
                    tail.printed().lines().toList());
        }
    }

    @EngineTest
    void watch_printsEachChangeOfATree_untilItIsGone(EngineKind engine) throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree/sub")).getParent();
        try (Sample watch = Sample.start(folder, engine, "watch", tree.toString())) {
            watch.awaitLog("watching " + tree);
            Path file = Files.createFile(tree.resolve("sub/file"));
            watch.awaitOut("created  sub/file");
            append(file, "x");
            watch.awaitOut("modified sub/file");
            Files.move(file, tree.resolve("moved"));
            watch.awaitOut("moved    sub/file -> moved");
            Files.delete(tree.resolve("moved"));
            watch.awaitOut("deleted  moved");
            Files.delete(tree.resolve("sub"));
            Files.delete(tree);

            Sample.Ended ended = watch.await();
            assertEquals(0, ended.code(), ended.err());
            assertTrue(ended.out().endsWith("deleted  sub\ndeleted  \n"), ended.out());
        }
        Sample.Ended missing = Sample.run(folder, engine, "watch", tree.toString());
        assertEquals(1, missing.code());
        assertTrue(missing.err().contains("ENOENT"), missing.err());
    }
}
