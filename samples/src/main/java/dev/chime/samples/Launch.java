package dev.chime.samples;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Notes how the build starts Java: {@code java.home}, then the runtime class path, one entry per
 * line.
 *
 * <p>The build runs it with the JDK it has selected, so that {@code samples/run} need not search
 * for one again.
 */
final class Launch {
    private Launch() {}

    /**
     * Writes the file named by the only argument; a reader sees the old file or the new one, never
     * a half.
     */
    public static void main(String[] args) throws IOException {
        Path target = Path.of(args[0]).toAbsolutePath();
        List<String> lines = new ArrayList<>();
        lines.add(System.getProperty("java.home"));
        lines.addAll(List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)));

        Path fresh = target.resolveSibling(target.getFileName() + ".new");
        Files.write(fresh, lines);
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    }
}
