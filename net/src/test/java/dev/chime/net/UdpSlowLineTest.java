package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.net.testing.SlowLine;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Datagrams that find the send buffer full, which takes an interface slower than a sender. */
class UdpSlowLineTest {
    private static final String SLOW_LOOPBACK =
            "ip link set lo up && tc qdisc add dev lo root tbf rate 40mbit burst 3000 limit 3000000";

    /** Runs a shell's commands in a network of their own, which an ordinary user may make. */
    private static Process alone(String commands, String... words) throws IOException {
        List<String> all = new ArrayList<>();
        all.addAll(List.of("unshare", "-rn", "sh", "-c", commands, "sh"));
        all.addAll(List.of(words));
        return new ProcessBuilder(all)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .start();
    }

    private static boolean hasSlowLines() throws InterruptedException {
        try {
            return alone(SLOW_LOOPBACK + " 2>/dev/null").waitFor() == 0;
        } catch (IOException e) {
            return false; // no unshare(1)
        }
    }

    @EngineTest
    void fullSendBuffer_keepsTheOrderOfDatagrams(EngineKind engine) throws Exception {
        assumeTrue(hasSlowLines(), "networks can be made, and slowed down");
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        Process process =
                alone(
                        SLOW_LOOPBACK + " && exec \"$@\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        SlowLine.class.getName(),
                        engine.name());
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertEquals("arrived true, sent true", said.strip().lines().reduce("", (a, b) -> b));
        assertEquals(0, process.waitFor());
    }
}
