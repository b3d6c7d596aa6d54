package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Reactor;

/** The most descriptors and native memory that a loop had at once, looked at in every turn. */
final class Peaks {
    private final Reactor reactor;
    private final int before = Fixtures.openFiles();
    private int files;
    private long bytes;

    private Peaks(Reactor reactor) {
        this.reactor = reactor;
    }

    /** Looks from now on, and does not keep the loop alive. */
    static Peaks of(Reactor reactor) {
        Peaks peaks = new Peaks(reactor);
        reactor.onCheck(peaks::look).unref();
        return peaks;
    }

    private void look() {
        files = Math.max(files, Fixtures.openFiles() - before);
        bytes = reactor.memory().peakBytes();
    }

    @Override
    public String toString() {
        return files + " descriptors, " + bytes + " bytes";
    }

    void assertAtMost(int mostFiles, long mostBytes) {
        assertTrue(files > 0, "nobody looked");
        assertTrue(files <= mostFiles, this + ": more than " + mostFiles);
        assertTrue(bytes <= mostBytes, this + ": more than " + mostBytes);
    }
}
