package dev.chime.reactor;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A random program: steps in lanes. The steps of a lane follow each other, the lanes run side by
 * side; a lane has files or a connection of its own, so what it sees does not depend on the engine.
 * Any part of a program is a program.
 *
 * @param seed of which it was made
 */
record FuzzProgram(long seed, List<Step> steps) {
    static final int FILE_LANES = 3;
    static final int SOCKET_LANES = 2;
    static final int NAME_LANES = 2;
    static final int LANES = FILE_LANES + SOCKET_LANES + NAME_LANES + 1;

    /**
     * What a step does; the first ones are of files, the next of connections, NOP and TIMER of all,
     * then those of names, and the last of datagrams.
     */
    enum Kind {
        OPEN,
        WRITE,
        READ,
        BURST,
        CANCELLED_READ,
        SYNC,
        STAT,
        CLOSE,
        CLOSE_BUSY,
        NOP,
        TIMER,
        SEND,
        GATHER,
        CANCEL_IN_SEND,
        CANCEL_RECEIVE,
        SHUTDOWN,
        RECONNECT,
        REFUSED,
        MAKE_FILE,
        MAKE_DIRECTORY,
        MAKE_LINK,
        MAKE_SYMLINK,
        RENAME,
        REMOVE,
        LIST,
        LOOK,
        READ_LINK,
        CHANGE,
        RESIZE,
        ALLOCATE,
        SEEK,
        COPY,
        ATTRIBUTE,
        SEND_TO,
        SEND_LONG,
        SEND_TO_PEER,
        SEND_MANY,
        CONNECT,
        DISCONNECT,
        CANCEL_MESSAGES,
        CLOSE_SOCKET;

        boolean fits(int lane) {
            if (this == NOP || this == TIMER) {
                return true;
            }
            if (compareTo(NOP) < 0) {
                return hasFiles(lane);
            }
            if (compareTo(MAKE_FILE) < 0) {
                return hasConnection(lane);
            }
            return compareTo(SEND_TO) < 0 ? hasNames(lane) : lane == LANES - 1;
        }
    }

    static boolean hasFiles(int lane) {
        return lane < FILE_LANES;
    }

    static boolean hasConnection(int lane) {
        return lane >= FILE_LANES && lane < FILE_LANES + SOCKET_LANES;
    }

    static boolean hasNames(int lane) {
        return lane >= FILE_LANES + SOCKET_LANES && lane < LANES - 1;
    }

    /**
     * A step.
     *
     * @param a a random number, as the kind takes it
     * @param b another one
     */
    record Step(int lane, Kind kind, int a, int b) {}

    /** Makes a program; a random subset of kinds is much more frequent than the others. */
    static FuzzProgram random(long seed, int length) {
        SplittableRandom random = new SplittableRandom(seed);
        Kind[] kinds = Kind.values();
        int[] weights = new int[kinds.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextInt(4) == 0 ? 20 : 1 + random.nextInt(4);
        }
        List<Step> steps = new ArrayList<>();
        for (int lane = 0; lane < FILE_LANES; lane++) {
            steps.add(new Step(lane, Kind.OPEN, 0, 0));
        }
        while (steps.size() < length) {
            int lane = random.nextInt(LANES);
            Kind kind = pick(kinds, weights, lane, random);
            steps.add(new Step(lane, kind, random.nextInt(1 << 20), random.nextInt(1 << 20)));
        }
        return new FuzzProgram(seed, steps);
    }

    private static Kind pick(Kind[] kinds, int[] weights, int lane, SplittableRandom random) {
        int sum = 0;
        for (int i = 0; i < kinds.length; i++) {
            sum += kinds[i].fits(lane) ? weights[i] : 0;
        }
        int at = random.nextInt(sum);
        for (int i = 0; ; i++) {
            at -= kinds[i].fits(lane) ? weights[i] : 0;
            if (at < 0) {
                return kinds[i];
            }
        }
    }

    List<Step> of(int lane) {
        return steps.stream().filter(step -> step.lane() == lane).toList();
    }

    /** This program with other steps. */
    FuzzProgram with(List<Step> others) {
        return new FuzzProgram(seed, List.copyOf(others));
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("seed " + seed + ", " + steps.size() + " steps:");
        steps.forEach(step -> out.append("\n  ").append(step));
        return out.toString();
    }
}
