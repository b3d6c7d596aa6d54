package dev.chime.samples;

import dev.chime.reactor.Reactor;
import dev.chime.reactor.Task;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A bar on the last line of a terminal: as wide as that, also when its window changes. */
final class Bar {
    private static final int DEFAULT_COLUMNS = 80;
    private static final int LEAST_CELLS = 4;
    private static final int MOST_CELLS = 60;

    /** ECMA-48: to the start of the line, and erase what is behind the cursor. */
    private static final String START = "\r";

    private static final String ERASE_REST = "\u001b[K";

    private final Reactor reactor;
    private int columns = DEFAULT_COLUMNS;
    private boolean drawn;

    private Bar(Reactor reactor) {
        this.reactor = reactor;
    }

    /** A bar on the terminal; null when input and output are none. */
    @SuppressWarnings("SystemConsoleNull") // it does, in JDK 25, where there is no terminal
    static @Nullable Bar onTerminal(Reactor reactor) {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            return null;
        }
        Bar bar = new Bar(reactor);
        reactor.onSignal("WINCH", () -> bar.measure(() -> {}));
        return bar;
    }

    /** Finds out the width: what the user says it is, else the terminal's. */
    void measure(Task then) throws Exception {
        int said = number(System.getenv("COLUMNS"));
        if (said > 0) {
            columns = said;
            then.run();
            return;
        }
        reactor.blocking(
                Bar::terminalColumns,
                (err, found) -> {
                    if (err == null && found > 0) {
                        columns = found;
                    }
                    then.run();
                });
    }

    /** Asks stty(1), which says rows and columns. */
    private static int terminalColumns() throws IOException {
        Process stty =
                new ProcessBuilder("stty", "size")
                        .redirectInput(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        return number(said.substring(said.indexOf(' ') + 1).strip());
    }

    private static int number(@Nullable String text) {
        try {
            return text == null ? 0 : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Draws how much is done, full at 1, and {@code text} beside it. */
    void draw(double part, String text) {
        drawn = true;
        System.out.print(START + line(part, text, columns) + ERASE_REST);
        System.out.flush();
    }

    /** Leaves the line. */
    void end() {
        if (drawn) {
            System.out.println();
        }
    }

    /** A line that leaves the last column free, where some terminals would begin another line. */
    static String line(double part, String text, int columns) {
        int cells = Math.min(MOST_CELLS, columns - text.length() - "[] ".length() - 1);
        if (cells < LEAST_CELLS) {
            return text.substring(0, Math.clamp(columns - 1, 0, text.length()));
        }
        int full = (int) Math.round(Math.clamp(part, 0, 1) * cells);
        return "[" + "#".repeat(full) + ".".repeat(cells - full) + "] " + text;
    }
}
