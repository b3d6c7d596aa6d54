package dev.chime.reactor.engine.sim;

/**
 * A name by which somebody got to a node, as its open files keep it: it follows a rename, and knows
 * that it was removed.
 */
final class SimName {
    final SimNode node;
    SimDirectory directory;
    String name;
    boolean removed;

    SimName(SimNode node, SimDirectory directory, String name) {
        this.node = node;
        this.directory = directory;
        this.name = name;
    }

    boolean is(SimDirectory in, String called) {
        return !removed && directory == in && name.equals(called);
    }
}
