package dev.chime.fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Trees of files to test with. */
final class Trees {
    private Trees() {}

    /** So many directories below {@code root}, which is made, of so many small files each. */
    static Path make(Path root, int directories, int files) throws IOException {
        for (int d = 0; d < directories; d++) {
            Path directory = Files.createDirectories(root.resolve("d" + d % 10 + "/e" + d));
            for (int f = 0; f < files; f++) {
                Files.writeString(directory.resolve("f" + f), "file " + f + " of " + d);
            }
        }
        return root;
    }

    /** A tree so deep that no path reaches its end, made by a shell from within. */
    static Path far(Path root) throws IOException, InterruptedException {
        String script =
                "cd \"$1\" && n=$(printf 'n%.0s' {1..120}); for i in {1..5}; do p=.; d=(); f=();"
                        + " for j in {1..8}; do d+=($p/$n/side/deep); p=$p/$n; f+=($p/f); done;"
                        + " mkdir -p ${d[@]} && touch ${f[@]} && cd $p; done";
        shell(script, Files.createDirectories(root).toString());
        return root;
    }

    /** A deep tree with many folders beside each, and folders in those. */
    static Path wide(Path root) throws IOException {
        Path at = root;
        for (int level = 0; level < 40; level++) {
            for (int i = 0; i < 16; i++) {
                Files.createDirectories(at.resolve("s" + i % 4 + "/" + i));
            }
            at = Files.createDirectory(at.resolve("n"));
            Files.createFile(at.resolve("f"));
        }
        return root;
    }

    /** The names of all files below a directory, as one text: paths may be of any length. */
    static String list(Path root) throws IOException, InterruptedException {
        return shell("cd \"$1\" && find . | sort", root + "");
    }

    /** Runs a script of bash; what it prints. */
    static String shell(String script, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", "-c", script, "-"));
        command.addAll(List.of(arguments));
        Process shell = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (shell.waitFor() != 0) {
            throw new IOException(output);
        }
        return output;
    }

    /** Every path below a directory with what is there: the content, or the link's target. */
    static Map<String, String> of(Path root) throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                String name = root.relativize(path).toString();
                if (Files.isSymbolicLink(path)) {
                    found.put(name, "-> " + Files.readSymbolicLink(path));
                } else if (Files.isDirectory(path)) {
                    found.put(name, "/");
                } else {
                    found.put(name, Files.readString(path));
                }
            }
        }
        return found;
    }

    static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }
}
