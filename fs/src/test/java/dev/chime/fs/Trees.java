package dev.chime.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
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
