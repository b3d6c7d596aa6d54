package dev.chime.samples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.samples.kv.Client;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The key-value store as a process: killed at any moment, it loses nothing it acknowledged. */
class KvTest {
    private static final int WRITERS = 3;
    private static final int KEYS = 20;
    private static final int PIPELINED = 8;

    @TempDir Path folder;

    private Sample start(EngineKind engine) throws Exception {
        return Sample.start(
                folder, engine, "kv", "--dir", folder.resolve("db").toString(), "--port", "0");
    }

    /** One client with keys of its own. It knows what each may be: answered, or asked for later. */
    private static final class Writer extends Thread {
        private final int number;
        private final int port;
        private final List<ArrayDeque<String>> candidates;
        private final Random random;
        private long acknowledged;

        Writer(int number, int port, List<ArrayDeque<String>> candidates, long seed) {
            this.number = number;
            this.port = port;
            this.candidates = candidates;
            random = new Random(seed);
        }

        @Override
        public void run() {
            try (Client client = new Client(port)) {
                while (true) {
                    round(client);
                }
            } catch (IOException e) {
                // The server has been killed.
            }
        }

        private void round(Client client) throws IOException {
            int[] keys = new int[PIPELINED];
            String[] values = new String[PIPELINED];
            for (int i = 0; i < PIPELINED; i++) {
                keys[i] = random.nextInt(KEYS);
                values[i] = random.nextInt(5) == 0 ? null : value();
                candidates.get(keys[i]).add(String.valueOf(values[i]));
            }
            for (int i = 0; i < PIPELINED; i++) {
                String key = number + "." + keys[i];
                client.send(
                        values[i] == null
                                ? Client.command("DEL", key)
                                : Client.command("SET", key, values[i]));
            }
            for (int i = 0; i < PIPELINED; i++) {
                String answer = client.answer();
                assertTrue(answer.equals("+OK") || answer.startsWith(":"), answer);
                ArrayDeque<String> of = candidates.get(keys[i]);
                while (!of.getFirst().equals(String.valueOf(values[i]))) {
                    of.removeFirst();
                }
                acknowledged++;
            }
        }

        private String value() {
            return random.nextLong() + "v".repeat(random.nextInt(8000));
        }
    }

    @EngineTest
    void killed_losesNothingAcknowledged(EngineKind engine) throws Exception {
        kill(engine, 3);
    }

    @EngineTest
    @Tag("slow")
    void killedAgainAndAgain_losesNothingAcknowledged(EngineKind engine) throws Exception {
        kill(engine, 20);
    }

    private void kill(EngineKind engine, int kills) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<List<ArrayDeque<String>>> model = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            List<ArrayDeque<String>> keys = new ArrayList<>();
            for (int k = 0; k < KEYS; k++) {
                keys.add(new ArrayDeque<>(List.of("null")));
            }
            model.add(keys);
        }
        long acknowledged = 0;
        for (int kill = 0; kill <= kills; kill++) {
            try (Sample kv = start(engine)) {
                int port = kv.awaitPort("kv on");
                check(port, model, "seed " + seed + ", kill " + kill);
                List<Writer> writers = new ArrayList<>();
                for (int i = 0; i < WRITERS; i++) {
                    writers.add(new Writer(i, port, model.get(i), random.nextLong()));
                }
                writers.forEach(Thread::start);
                try (Tool load = benchmark(port)) {
                    Thread.sleep(30 + random.nextInt(150)); // that is when the kill comes
                    assertTrue(load == null || load.isRunning(), "there is load");
                    if (kill == kills) {
                        kv.terminate();
                        Sample.Ended ended = kv.await();
                        assertEquals(0, ended.code(), ended.err());
                    }
                    kv.kill();
                }
                for (Writer writer : writers) {
                    writer.join();
                    acknowledged += writer.acknowledged;
                }
            }
        }
        assertTrue(acknowledged > 10 * kills, acknowledged + " changes");
    }

    /** Load beside the writers, which does not end by itself; null where there is none. */
    private Tool benchmark(int port) throws IOException {
        String words =
                "redis-benchmark -t set,get -c 20 -P 4 -r 1000 -d 500 -n 100000000 -p " + port;
        List<String> command = List.of(words.split(" "));
        return Tool.isThere(command.getFirst()) ? Tool.start(folder, command) : null;
    }

    private static void check(int port, List<List<ArrayDeque<String>>> model, String when)
            throws IOException {
        try (Client client = new Client(port)) {
            for (int i = 0; i < WRITERS; i++) {
                for (int k = 0; k < KEYS; k++) {
                    String found = String.valueOf(client.ask("GET", i + "." + k));
                    ArrayDeque<String> of = model.get(i).get(k);
                    assertTrue(of.contains(found), when + ": " + found + " is none of " + of);
                    of.clear();
                    of.add(found);
                }
            }
        }
    }

    @EngineTest
    void logThatCannotGrow_endsTheServer_andWhatItAcknowledgedIsThere(EngineKind engine)
            throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/prlimit")), "there is no prlimit");
        String db = folder.resolve("db").toString();
        int stored = 0;
        try (Sample kv =
                Sample.start(
                        folder,
                        List.of("prlimit", "--fsize=200000"),
                        engine,
                        "kv",
                        "--dir",
                        db,
                        "--port",
                        "0")) {
            try (Client client = new Client(kv.awaitPort("kv on"))) {
                String answer = client.ask("SET", "0", "v".repeat(10_000));
                while (answer.equals("+OK")) {
                    stored++;
                    answer = client.ask("SET", "" + stored, "v".repeat(10_000));
                }
                assertEquals("-ERR EFBIG: file too large, write", answer);
            }
            Sample.Ended ended = kv.await();
            assertEquals(1, ended.code());
            assertTrue(ended.err().contains("kv: the log cannot be written"), ended.err());
        }
        assertEquals(19, stored);
        try (Sample kv = start(engine)) {
            try (Client client = new Client(kv.awaitPort("kv on"))) {
                kv.awaitLog("cut off");
                String[] words = new String[stored + 1];
                Arrays.setAll(words, i -> i == 0 ? "EXISTS" : "" + (i - 1));
                assertEquals(":" + stored, client.ask(words));
            }
        }
    }

    @EngineTest
    void whatItCannotServe_isSaid(EngineKind engine) throws Exception {
        Path db = folder.resolve("db");
        try (Sample kv = start(engine)) {
            int port = kv.awaitPort("kv on");
            try (Client client = new Client(port)) {
                assertEquals("+OK", client.ask("SET", "a", "1"));
                assertEquals("+OK", client.ask("SET", "b", "2"));
            }
            Sample.Ended second =
                    Sample.run(folder, engine, "kv", "--dir", db.toString(), "--port", "0");
            assertEquals(1, second.code());
            assertEquals("kv: another server uses the folder " + db, second.err().strip());
            kv.terminate();
            assertEquals(0, kv.await().code());
        }
        byte[] log = Files.readAllBytes(db.resolve("kv.log"));
        Files.write(db.resolve("kv.log"), Arrays.copyOf(log, log.length - 3));
        try (Sample kv = start(engine)) {
            String cut = kv.awaitLog("cut off");
            assertTrue(cut.contains("cut off 27 bytes of a commit"), cut);
            kv.awaitPort("kv on");
        }
        log[40]++;
        Files.write(db.resolve("kv.log"), log);
        Sample.Ended corrupt =
                Sample.run(folder, engine, "kv", "--dir", db.toString(), "--port", "0");
        assertEquals(1, corrupt.code());
        assertTrue(corrupt.err().contains("the commit at byte 20 is damaged"), corrupt.err());
        assertEquals(
                new String(log, ISO_8859_1), Files.readString(db.resolve("kv.log"), ISO_8859_1));
    }
}
