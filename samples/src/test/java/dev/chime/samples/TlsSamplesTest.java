package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The samples that speak TLS, with OpenSSL, curl and wrk at the other end. */
class TlsSamplesTest {
    private static final int PATIENCE_SECONDS = 60;

    @TempDir Path folder;
    private String cert;
    private String key;

    @BeforeEach
    void makeCertificate() throws Exception {
        assumeTrue(Tool.isThere("openssl"), "no openssl");
        cert = folder.resolve("cert.pem").toString();
        key = folder.resolve("key.pem").toString();
        makeCertificate("localhost");
    }

    private void makeCertificate(String name) throws Exception {
        String words =
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
                        + " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -subj /CN=%s -keyout %s -out %s";
        Tool.run(folder, words.formatted(name, key, cert).split(" "));
    }

    private Sample start(EngineKind engine, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--port", "0", "--cert", cert, "--key", key));
        return Sample.start(folder, engine, all.toArray(String[]::new));
    }

    @EngineTest
    void httpHello_greetsSecurely_alsoThroughATunnel(EngineKind engine) throws Exception {
        assumeTrue(Tool.isThere("curl"), "no curl");
        String cache = Files.createDirectory(folder.resolve("cache")).toString();
        try (Sample hello = start(engine, "http-hello");
                Sample proxy =
                        Sample.start(
                                folder, engine, "caching-proxy", "--port", "0", "--dir", cache)) {
            String url = "https://localhost:" + hello.awaitPort("https on") + "/plaintext";
            String[] curl = {"curl", "-sSf", "--cacert", cert, url, url};
            assertEquals("Hello, World!Hello, World!", Tool.run(folder, curl));
            String by = "http://127.0.0.1:" + proxy.awaitPort("proxy of");
            assertEquals(
                    "Hello, World!",
                    Tool.run(folder, "curl", "-sSf", "--cacert", cert, "--proxy", by, url));
        }
    }

    /** A file of some length by HTTPS; then new certificates by SIGHUP, while it serves. */
    @EngineTest
    void static_sendsFilesSecurely_andTakesNewCertificates(EngineKind engine) throws Exception {
        assumeTrue(Tool.isThere("curl"), "no curl");
        byte[] content = new byte[300_000];
        new Random(1).nextBytes(content);
        Files.write(folder.resolve("file"), content);
        Path got = folder.resolve("got");
        try (Sample files = start(engine, "static", "--dir", folder.toString())) {
            String url = "https://localhost:" + files.awaitPort("files of") + "/file";
            Tool.run(folder, "curl", "-sSf", "--cacert", cert, "-o", got.toString(), url);
            assertArrayEquals(content, Files.readAllBytes(got));
            String old = Files.readString(Path.of(cert));

            makeCertificate("another");
            files.signal("HUP");
            files.awaitLog("the certificate is read again");

            Path gone = Files.writeString(folder.resolve("old.pem"), old);
            String with = "%{ssl_verify_result}";
            String[] ask = {"curl", "-s", "-o", got.toString(), "-w", with, "--cacert", cert, url};
            assertEquals("0", Tool.run(folder, ask));
            ask[7] = gone.toString();
            assertThrows(AssertionError.class, () -> Tool.run(folder, ask), "the old one is gone");
        }
    }

    @EngineTest
    void httpHello_underLoad(EngineKind engine) throws Exception {
        assumeTrue(Tool.isThere("wrk"), "no wrk");
        try (Sample hello = start(engine, "http-hello")) {
            String url = "https://127.0.0.1:" + hello.awaitPort("https on") + "/plaintext";
            Tool.assertGood(Tool.run(folder, Tool.wrk(20, url).toArray(String[]::new)));
        }
    }

    @EngineTest
    void echo_sendsBackSecurely(EngineKind engine) throws Exception {
        try (Sample echo = start(engine, "echo")) {
            String place = "127.0.0.1:" + echo.awaitPort("echo on");
            Process client =
                    new ProcessBuilder(
                                    "openssl",
                                    "s_client",
                                    "-quiet",
                                    "-verify_return_error",
                                    "-CAfile",
                                    cert,
                                    "-connect",
                                    place)
                            .redirectError(folder.resolve("s_client.txt").toFile())
                            .start();
            try (BufferedReader out = client.inputReader(StandardCharsets.US_ASCII)) {
                for (String line : List.of("hello", "again")) {
                    client.getOutputStream()
                            .write((line + "\n").getBytes(StandardCharsets.US_ASCII));
                    client.getOutputStream().flush();
                    assertEquals(line, out.readLine());
                }
            } finally {
                client.destroyForcibly().onExit().join();
            }
        }
    }

    @EngineTest
    void halfAnIdentity_isRefused(EngineKind engine) throws Exception {
        Sample.Ended alone = Sample.run(folder, engine, "echo", "--port", "0", "--cert", cert);
        assertEquals(2, alone.code());
        assertTrue(alone.err().contains("--key is missing"), alone.err());
        String nothing = folder.resolve("nothing.pem").toString();
        Sample.Ended absent =
                Sample.run(
                        folder,
                        engine,
                        "http-hello",
                        "--port",
                        "0",
                        "--cert",
                        nothing,
                        "--key",
                        key);
        assertEquals(2, absent.code());
        assertTrue(absent.err().contains(nothing), absent.err());
    }
}
