package dev.chime.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.ReactorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Keys and certificates out of files: the forms there are, and what is said of those that fail. */
class PemTest {
    private static final char[] PASSPHRASE = "open sesame".toCharArray();

    @TempDir Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static ReactorException fails(String code, String named, Executable read) {
        ReactorException error = assertThrows(ReactorException.class, read);
        assertEquals(code, error.code(), error.getMessage());
        assertTrue(String.valueOf(error.getMessage()).contains(named), error.getMessage());
        return error;
    }

    /** Runs {@code openssl} in the folder. */
    private void openssl(String... arguments) throws Exception {
        Process process;
        try {
            process =
                    new ProcessBuilder(arguments)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            assumeTrue(false, arguments[0] + " is not installed");
            return;
        }
        String said = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), List.of(arguments) + ": " + said);
    }

    /** An EC key's encoding may hold the public key or not. */
    private static void same(TlsIdentity one, TlsIdentity other) {
        if (one.key() instanceof ECPrivateKey curve) {
            assertEquals(curve.getS(), ((ECPrivateKey) other.key()).getS());
        } else {
            assertEquals(one.key(), other.key());
        }
    }

    @Test
    void aChainAndAKey_inTwoFilesOrOne_withCommentsAndCrLf() throws Exception {
        Authority.Issued server = Authority.SERVER;
        Path chain = file("chain.pem", "subject=x\n" + server.certificatesPem());
        Path key = file("key.pem", server.keyPem().replace("\n", "\r\n"));
        assertEquals(server.chain(), TlsIdentity.read(chain, key).chain());
        Path both = file("both.pem", server.keyPem() + server.certificatesPem());
        assertEquals(server.chain(), TlsIdentity.read(both, both).chain());
        assertEquals(
                server.chain(),
                TlsIdentity.ofPem(server.certificatesPem(), server.keyPem(), null).chain());
    }

    @Test
    void keysAsOpensslWritesThem() throws Exception {
        for (String[] kind :
                new String[][] {
                    {"rsa", "rsa:2048"},
                    {"ec", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"},
                    {"ed", "ed25519"}
                }) {
            String name = kind[0];
            String[] request = {
                "openssl",
                "req",
                "-x509",
                "-nodes",
                "-subj",
                "/CN=" + name,
                "-days",
                "2",
                "-keyout",
                name + ".key",
                "-out",
                name + ".crt",
                "-newkey"
            };
            String[] whole = java.util.Arrays.copyOf(request, request.length + kind.length - 1);
            System.arraycopy(kind, 1, whole, request.length, kind.length - 1);
            openssl(whole);
            Path certificate = folder.resolve(name + ".crt");
            Path key = folder.resolve(name + ".key");
            TlsIdentity plain = TlsIdentity.read(certificate, key);
            assertTrue(plain.toString().contains("CN=" + name), plain.toString());

            openssl(
                    "openssl",
                    "pkcs8",
                    "-topk8",
                    "-in",
                    key.toString(),
                    "-out",
                    "sealed.key",
                    "-passout",
                    "pass:" + new String(PASSPHRASE));
            Path sealed = folder.resolve("sealed.key");
            same(plain, TlsIdentity.read(certificate, sealed, PASSPHRASE));
            fails(
                    "ERR_OSSL_BAD_DECRYPT",
                    "sealed.key",
                    () -> TlsIdentity.read(certificate, sealed, "wrong".toCharArray()));
            fails(
                    "ERR_MISSING_PASSPHRASE",
                    "sealed.key",
                    () -> TlsIdentity.read(certificate, sealed));

            if (!name.equals("ed")) {
                openssl(
                        "openssl",
                        name.equals("rsa") ? "rsa" : "ec",
                        "-in",
                        key.toString(),
                        "-out",
                        "old.key",
                        name.equals("rsa") ? "-traditional" : "-conv_form",
                        name.equals("rsa") ? "-check" : "uncompressed");
                Path old = folder.resolve("old.key");
                String label = name.equals("rsa") ? "BEGIN RSA PRIVATE" : "BEGIN EC PRIVATE";
                assertTrue(Files.readString(old).contains(label), Files.readString(old));
                same(plain, TlsIdentity.read(certificate, old));
            }
        }
        openssl("openssl", "ecparam", "-genkey", "-name", "prime256v1", "-out", "params.key");
        openssl(
                "openssl",
                "req",
                "-x509",
                "-new",
                "-key",
                "params.key",
                "-subj",
                "/CN=p",
                "-out",
                "params.crt");
        TlsIdentity.read(folder.resolve("params.crt"), folder.resolve("params.key"));
        openssl(
                "openssl",
                "rsa",
                "-traditional",
                "-aes128",
                "-passout",
                "pass:abcd",
                "-in",
                "rsa.key",
                "-out",
                "proc.key");
        fails(
                "ERR_OSSL_UNSUPPORTED",
                "openssl pkcs8",
                () -> TlsIdentity.read(folder.resolve("rsa.crt"), folder.resolve("proc.key")));
    }

    @Test
    void errorsNameTheFileAndTheFault() throws Exception {
        Authority.Issued server = Authority.SERVER;
        Path chain = file("chain.pem", server.certificatesPem());
        Path key = file("key.pem", server.keyPem());
        Path missing = folder.resolve("missing.pem");
        fails("ENOENT", "missing.pem", () -> TlsIdentity.read(missing, key));
        fails("EISDIR", folder.toString(), () -> TlsIdentity.read(chain, folder));
        Path empty = file("empty.pem", "nothing here");
        fails("ERR_OSSL_PEM_NO_START_LINE", "empty.pem", () -> TlsIdentity.read(empty, key));
        fails("ERR_OSSL_PEM_NO_START_LINE", "CERTIFICATE", () -> TlsIdentity.read(chain, chain));
        fails("ERR_OSSL_PEM_NO_START_LINE", "PRIVATE KEY", () -> TlsIdentity.read(key, key));
        fails("ERR_OSSL_PEM_NO_START_LINE", "key.pem", () -> TlsTrust.read(key));
        String text = server.certificatesPem();
        Path cut = file("cut.pem", text.substring(0, text.length() / 3));
        fails("ERR_OSSL_PEM_BAD_END_LINE", "cut.pem", () -> TlsIdentity.read(cut, key));
        Path dirty = file("dirty.pem", text.replaceFirst("M", "?"));
        fails("ERR_OSSL_PEM_BAD_BASE64_DECODE", "line 1", () -> TlsIdentity.read(dirty, key));
        Path wrong = file("wrong.pem", Authority.pem("CERTIFICATE", new byte[] {0x30, 1, 0}));
        fails("ERR_OSSL_ASN1_ILLEGAL_CERTIFICATE", "wrong.pem", () -> TlsTrust.read(wrong));
        Path broken = file("broken.pem", Authority.pem("PRIVATE KEY", new byte[] {0x30, 9, 0}));
        fails("ERR_OSSL_UNSUPPORTED", "broken.pem", () -> TlsIdentity.read(chain, broken));
        Path foreign = file("foreign.pem", Authority.CLIENT.keyPem());
        fails(
                "ERR_OSSL_X509_KEY_VALUES_MISMATCH",
                "foreign.pem",
                () -> TlsIdentity.read(chain, foreign));
        fails(
                "ERR_OSSL_X509_KEY_VALUES_MISMATCH",
                "chain.pem",
                () ->
                        TlsIdentity.read(
                                chain, file("rsa.pem", Authority.ROOT.issueRsa("r").keyPem())));
    }

    /** Whatever a file holds, it is refused by an error of ours and no other. */
    @Test
    void spoiltBytes_giveAnErrorOfOurs() throws Exception {
        long seed = Long.getLong("chime.seed", 1);
        java.util.Random random = new java.util.Random(seed);
        byte[] der = Authority.CLIENT.key().getEncoded();
        for (String label : List.of("PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY")) {
            for (int round = 0; round < 300; round++) {
                byte[] spoilt = der.clone();
                for (int i = 0; i < 3; i++) {
                    spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt();
                }
                String key = Authority.pem(label, spoilt);
                try {
                    TlsIdentity.ofPem(Authority.CLIENT.certificatesPem(), key, null);
                } catch (ReactorException e) {
                    assertTrue(e.code().startsWith("ERR_OSSL_"), e.code());
                }
            }
        }
    }
}
