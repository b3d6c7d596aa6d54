package dev.chime.net;

/** Checks port numbers. */
final class Ports {
    private static final int MAX = 65535;

    private Ports() {}

    static void check(String name, int port) {
        if (port < 0 || port > MAX) {
            throw new IllegalArgumentException(name + " is " + port + ": a port is 0 to " + MAX);
        }
    }
}
