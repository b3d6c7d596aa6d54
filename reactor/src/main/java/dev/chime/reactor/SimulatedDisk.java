package dev.chime.reactor;

import dev.chime.reactor.engine.sim.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The disk of a {@link Simulation}, as its owner sees it. It starts with {@code /tmp} alone;
 * relative paths start at {@code /}. Not while a loop runs on another thread.
 */
public final class SimulatedDisk {
    private final SimDisk disk;

    SimulatedDisk(SimDisk disk) {
        this.disk = disk;
    }

    SimDisk disk() {
        return disk;
    }

    /** An empty disk. */
    public static SimulatedDisk empty() {
        return new SimulatedDisk(new SimDisk());
    }

    /**
     * Writes a file, and the directories above it, as if synced long ago.
     *
     * @throws IllegalArgumentException when there is a directory, or a file where one is needed
     */
    public SimulatedDisk put(Path path, byte[] content) {
        disk.put(path.toString(), Objects.requireNonNull(content, "content"));
        return this;
    }

    /** Makes a directory, and those above it, as if synced long ago. */
    public SimulatedDisk directory(Path path) {
        disk.makeDirectories(path.toString());
        return this;
    }

    /**
     * Bounds what its files hold together, to the byte. A write that does not fit is short, or
     * ENOSPC when no byte of it does; holes take nothing. What is put here by its owner always
     * fits.
     */
    public SimulatedDisk capacity(long bytes) {
        disk.space().bound(bytes);
        return this;
    }

    /**
     * Makes a symbolic link, and the directories above it, as if synced long ago.
     *
     * @throws IllegalArgumentException when there is something of that name
     */
    public SimulatedDisk link(Path path, Path target) {
        disk.link(path.toString(), target.toString());
        return this;
    }

    /**
     * Exchanges what two names stand for, as another program may at any moment.
     *
     * @return whether both were there
     */
    public boolean exchange(Path one, Path other) {
        return disk.exchange(one.toString(), other.toString());
    }

    /** A copy of a file's content, as a program would read it; null when there is no such file. */
    public byte @Nullable [] get(Path path) {
        return disk.get(path.toString());
    }

    /** All files, sorted by path. */
    public List<Path> files() {
        List<Path> paths = new ArrayList<>();
        for (String path : disk.files()) {
            paths.add(Path.of(path));
        }
        return paths;
    }
}
