package dev.chime.fs;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What {@link SmallDiskTest} runs in another process: on a file system of a few pages. */
final class SmallDiskProgram {
    private static final int PAGE = 4096;

    private SmallDiskProgram() {}

    /** Arguments: engine, the directory of the file system, and pages of room. */
    public static void main(String[] args) throws Exception {
        EngineKind engine = EngineKind.valueOf(args[0]);
        Path root = Path.of(args[1]);
        for (String pages : List.of(args).subList(2, args.length)) {
            for (WritingCall call : WritingCall.values()) {
                run(engine, root, call, Integer.parseInt(pages));
            }
        }
    }

    private static void run(EngineKind engine, Path root, WritingCall call, int pages)
            throws IOException {
        clear(root);
        for (String name : List.of(WritingCall.Before.OLD_NAME, WritingCall.Before.SOURCE, "e/x")) {
            Files.createDirectories(root.resolve(name).getParent());
        }
        Files.write(root.resolve(WritingCall.Before.OLD_NAME), WritingCall.Before.OLD);
        Files.write(root.resolve(WritingCall.Before.SOURCE), WritingCall.Before.CONTENT);
        fill(root.resolve("filler"), pages);
        int[] open = {Fixtures.openFiles(), 0};
        String[] outcome = {"never called back"};
        Reactor.run(
                ReactorOptions.defaults().engine(engine),
                reactor -> {
                    open[1] = Fixtures.openFiles();
                    call.start(
                            reactor,
                            root,
                            WritingCall.Before.CONTENT,
                            err -> outcome[0] = err == null ? "ok" : err.getMessage());
                });
        Path target = call.target(root);
        byte[] left = Files.exists(target) ? Files.readAllBytes(target) : null;
        int fits = (pages + (call.truncates() ? 1 : 0)) * PAGE;
        if (call.appends()) { // behind what the page has already
            fits += PAGE - WritingCall.Before.OLD.length;
        }
        byte[] content = WritingCall.Before.CONTENT;
        byte[] expected = fits >= content.length ? call.whole(content) : call.left(content, fits);
        boolean asExpected = Arrays.equals(left, expected) && Fixtures.openFiles() == open[0];
        System.out.println(
                call + " " + pages + " " + outcome[0] + (asExpected ? "" : " but " + say(left)));
    }

    private static String say(byte[] left) {
        return (left == null ? "nothing" : left.length + " bytes") + ", " + Fixtures.openFiles();
    }

    /** Takes all space but so many pages. */
    private static void fill(Path filler, int pages) throws IOException {
        long free = Files.getFileStore(filler.getParent()).getUsableSpace();
        Files.write(filler, new byte[(int) free - pages * PAGE]);
    }

    private static void clear(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                if (!path.equals(root)) {
                    Files.delete(path);
                }
            }
        }
    }
}
