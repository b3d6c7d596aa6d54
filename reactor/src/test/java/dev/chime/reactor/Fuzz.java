package dev.chime.reactor;

import dev.chime.reactor.FuzzProgram.Step;
import dev.chime.reactor.testing.Availability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Runs random programs on several engines, compares what each saw, and makes a program that tells
 * them apart as short as it can.
 */
final class Fuzz {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MOST_RUNS_TO_SHRINK = 400;

    /**
     * An engine to run on.
     *
     * @param options for a run whose files are below a directory
     */
    record Contender(String name, Function<Path, ReactorOptions> options) {}

    private final Path base;
    private final List<Contender> contenders;
    private int runs;

    Fuzz(Path base, List<Contender> contenders) {
        this.base = base;
        this.contenders = contenders;
    }

    /** The real engines that this machine has. */
    static List<Contender> real() {
        List<Contender> found = new ArrayList<>();
        if (Availability.refusal().isEmpty()) {
            found.add(new Contender("uring", path -> options(EngineKind.URING)));
        }
        found.add(new Contender("pool", path -> options(EngineKind.POOL)));
        return found;
    }

    private static ReactorOptions options(EngineKind kind) {
        return ReactorOptions.defaults().engine(kind);
    }

    /** A machine of its own for each run. */
    static Contender simulated(long seed) {
        return new Contender("sim", path -> simulation(seed, path).options());
    }

    static Simulation simulation(long seed, Path directory) {
        Simulation simulation = Simulation.seeded(seed);
        for (int lane = 0; lane < FuzzProgram.LANES; lane++) {
            simulation.disk().directory(directory.resolve("lane" + lane));
        }
        return simulation;
    }

    /** What tells the contenders apart, or an empty text. */
    String difference(FuzzProgram program) {
        List<List<String>> outcomes = new ArrayList<>();
        for (Contender contender : contenders) {
            outcomes.add(run(program, contender));
        }
        for (int i = 0; i < outcomes.size(); i++) {
            List<String> first = outcomes.getFirst();
            List<String> other = outcomes.get(i);
            int at = firstDifference(first, other);
            if (at >= 0) {
                return contenders.getFirst().name()
                        + ": "
                        + line(first, at)
                        + "\n"
                        + contenders.get(i).name()
                        + ": "
                        + line(other, at);
            }
        }
        return "";
    }

    private static String line(List<String> lines, int at) {
        return at < lines.size() ? lines.get(at) : "(nothing)";
    }

    private static int firstDifference(List<String> one, List<String> two) {
        for (int i = 0; i < Math.max(one.size(), two.size()); i++) {
            if (!same(line(one, i), line(two, i)) || line(one, i).startsWith("!")) {
                return i;
            }
        }
        return -1;
    }

    /** Results behind a question mark are the same, or at least one of them is ECANCELED. */
    private static boolean same(String one, String two) {
        String[] left = one.split("\\? ", -1);
        String[] right = two.split("\\? ", -1);
        if (left.length != right.length || !left[0].equals(right[0])) {
            return false;
        }
        for (int i = 1; i < left.length; i++) {
            boolean cancelled = left[i].startsWith("ECANCELED") || right[i].startsWith("ECANCELED");
            if (!cancelled && !left[i].equals(right[i])) {
                return false;
            }
        }
        return true;
    }

    /** Runs a program on one engine; what its lanes saw, and what went wrong. */
    List<String> run(FuzzProgram program, Contender contender) {
        Path directory = base.resolve("run" + runs++);
        List<FuzzLane> lanes = new ArrayList<>();
        List<String> outcome = new ArrayList<>();
        try {
            makeDirectories(directory);
            Reactor.run(
                    contender.options().apply(directory),
                    reactor -> start(reactor, program, directory, lanes, outcome));
        } catch (RuntimeException | AssertionError e) {
            outcome.add("! threw " + e);
        } finally {
            delete(directory);
        }
        for (int i = 0; i < lanes.size(); i++) {
            List<String> seen = lanes.get(i).seen();
            for (String line : seen) {
                outcome.add("lane " + i + ": " + line);
            }
            if (seen.isEmpty() || !seen.getLast().equals("ended")) {
                outcome.add("! lane " + i + " never ended");
            }
        }
        return outcome;
    }

    private static void start(
            Reactor reactor,
            FuzzProgram program,
            Path directory,
            List<FuzzLane> lanes,
            List<String> outcome) {
        Ops ops = new Ops(reactor);
        reactor.setTimeout(
                        PATIENCE,
                        () -> {
                            outcome.add("! hangs");
                            reactor.stop();
                        })
                .unref();
        for (int lane = 0; lane < FuzzProgram.LANES; lane++) {
            List<Step> steps = program.of(lane);
            lanes.add(lane(lane, ops, steps, directory + "/lane" + lane));
        }
        lanes.forEach(FuzzLane::next);
    }

    private static FuzzLane lane(int number, Ops ops, List<Step> steps, String directory) {
        if (FuzzProgram.hasFiles(number)) {
            return new FuzzFileLane(ops, steps, directory);
        }
        if (FuzzProgram.hasConnection(number)) {
            return new FuzzSocketLane(ops, steps);
        }
        return FuzzProgram.hasNames(number)
                ? new FuzzNameLane(ops, steps, directory)
                : new FuzzDatagramLane(ops, steps);
    }

    private static void makeDirectories(Path directory) {
        try {
            for (int lane = 0; lane < FuzzProgram.LANES; lane++) {
                Files.createDirectories(directory.resolve("lane" + lane));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> below = Files.walk(directory)) {
            for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leaves out what the difference does not need (delta debugging). */
    FuzzProgram shrink(FuzzProgram program) {
        List<Step> steps = new ArrayList<>(program.steps());
        int tries = 0;
        for (int size = Math.max(1, steps.size() / 2); size >= 1; size /= 2) {
            boolean shorter = true;
            while (shorter && tries < MOST_RUNS_TO_SHRINK) {
                shorter = false;
                for (int from = 0; from < steps.size() && tries < MOST_RUNS_TO_SHRINK; ) {
                    List<Step> fewer = new ArrayList<>(steps);
                    fewer.subList(from, Math.min(from + size, fewer.size())).clear();
                    tries++;
                    if (difference(program.with(fewer)).isEmpty()) {
                        from += size;
                    } else {
                        steps = fewer;
                        shorter = true;
                    }
                }
            }
        }
        return program.with(steps);
    }

    /** Fails with the shortest program that tells the contenders apart, if this one does. */
    void check(FuzzProgram program) {
        if (!difference(program).isEmpty()) {
            FuzzProgram shortest = shrink(program);
            throw new AssertionError(
                    "engines differ: "
                            + shortest
                            + "\n"
                            + difference(shortest)
                            + "\nagain: -Dtest=DifferentialFuzzTest -Dchime.seed="
                            + program.seed());
        }
    }
}
