package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import dev.chime.reactor.stream.Pipeline;
import dev.chime.reactor.stream.Transform;
import java.nio.file.Path;

/** What {@link LargeCopyTest} runs in a process with a small heap. */
final class LargeCopyProgram {
    private LargeCopyProgram() {}

    /** Arguments: engine, way, source, destination. Prints the outcome and the native memory. */
    public static void main(String[] args) throws Exception {
        Path from = Path.of(args[2]);
        Path to = Path.of(args[3]);
        long[] peak = {0};
        Reactor.run(
                ReactorOptions.defaults().engine(EngineKind.valueOf(args[0])),
                reactor ->
                        copy(
                                reactor,
                                args[1],
                                from,
                                to,
                                err -> {
                                    peak[0] = reactor.memory().peakBytes();
                                    System.out.println(err == null ? "ok" : err.getMessage());
                                }));
        System.out.println(peak[0]);
    }

    private static void copy(Reactor reactor, String way, Path from, Path to, Done done) {
        Fs fs = Fs.of(reactor);
        switch (way) {
            case "copyFile" -> fs.copyFile(from, to, done);
            case "cp" -> fs.cp(from, to, done);
            case "stream" ->
                    Pipeline.run(fs.createReadStream(from), fs.createWriteStream(to), done);
            case "bytes" ->
                    Pipeline.from(fs.createReadStream(from))
                            .through(Transform.passThrough(reactor))
                            .to(fs.createWriteStream(to), done);
            default -> throw new IllegalArgumentException(way);
        }
    }
}
