package dev.chime.samples;

import dev.chime.reactor.Reactor;

/** The order in which things run. */
final class Hello {
    private Hello() {}

    static int run(Arguments arguments) {
        arguments.allow();
        arguments.noWords();
        Reactor.run(reactor -> {
            reactor.setImmediate(() -> {
                System.out.println("hello from an immediate");
                reactor.setTimeout(10, () -> System.out.println("hello from a timer"));
            });
            reactor.nextTick(() -> System.out.println("hello from a tick"));
            System.out.println("hello from the engine " + reactor.engine());
        });
        return 0;
    }
}
