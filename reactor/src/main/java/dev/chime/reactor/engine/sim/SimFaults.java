package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.Op;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Which operations go wrong, and how: rules by operation, asked for each result in turn.
 *
 * <p>Every rule counts the results that it was asked about; the first rule that applies wins.
 */
public final class SimFaults {
    /** How a result goes wrong. */
    public enum Kind {
        /** Not at all. */
        NONE,
        /** With an errno; nothing is transferred. */
        ERROR,
        /** With fewer bytes than could be had. */
        SHORT,
        /** Later. */
        DELAY,
        /** A datagram is lost on its way. */
        LOSS,
        /** A datagram arrives twice. */
        TWICE
    }

    /**
     * What happens to one result.
     *
     * @param value the positive errno of an error, the nanoseconds of a delay
     */
    public record Fault(Kind kind, long value) {
        static final Fault NONE = new Fault(Kind.NONE, 0);
    }

    private static final class Rule {
        final Fault fault;
        final double probability;
        final long nth;
        long asked;

        Rule(Fault fault, double probability, long nth) {
            this.fault = fault;
            this.probability = probability;
            this.nth = nth;
        }

        boolean applies(SplittableRandom random) {
            asked++;
            return nth > 0 ? asked == nth : random.nextDouble() < probability;
        }
    }

    private final Map<Op, List<Rule>> rules = new EnumMap<>(Op.class);
    private final List<Rule> datagrams = new ArrayList<>();

    SimFaults() {}

    /** Lets each result of {@code ops} meet {@code fault} with a probability. */
    public void addRandom(Set<Op> ops, Fault fault, double probability) {
        add(ops, new Rule(fault, probability, 0));
    }

    /** Lets the {@code nth} result of {@code ops} from now on, the first being 1, meet it. */
    public void addNth(Set<Op> ops, Fault fault, long nth) {
        add(ops, new Rule(fault, 0, nth));
    }

    /** Lets datagrams meet {@code fault}: the nth from now on, or, when that is 0, by chance. */
    public void addToDatagrams(Fault fault, double probability, long nth) {
        datagrams.add(new Rule(fault, probability, nth));
    }

    private void add(Set<Op> ops, Rule rule) {
        for (Op op : EnumSet.copyOf(ops)) {
            rules.computeIfAbsent(op, none -> new ArrayList<>()).add(rule);
        }
    }

    /** Forgets every rule. */
    public void clear() {
        rules.clear();
        datagrams.clear();
    }

    /** What happens to the next result of {@code op}. */
    Fault next(Op op, SplittableRandom random) {
        List<Rule> ofOp = rules.get(op);
        return ofOp == null ? Fault.NONE : first(ofOp, random);
    }

    /** What happens to the next datagram on its way. */
    Fault nextDatagram(SplittableRandom random) {
        return first(datagrams, random);
    }

    private static Fault first(List<Rule> rules, SplittableRandom random) {
        Fault fault = Fault.NONE;
        for (Rule rule : rules) {
            // Each rule is asked, so that each counts every result.
            if (rule.applies(random) && fault.equals(Fault.NONE)) {
                fault = rule.fault;
            }
        }
        return fault;
    }
}
