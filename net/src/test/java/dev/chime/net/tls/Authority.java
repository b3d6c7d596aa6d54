package dev.chime.net.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Who issues the certificates of tests, at run time, with keys of P-256 or RSA. */
final class Authority {
    private static final AtomicLong SERIAL = new AtomicLong(System.nanoTime());
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int GENERALIZED_TIME = 0x18;
    private static final int UTF8_STRING = 0x0C;
    private static final int BIT_STRING = 0x03;
    private static final int BOOLEAN = 0x01;
    private static final int SET = 0x31;

    /** What most tests want: valid for localhost and 127.0.0.1. */
    static final Authority ROOT = new Authority("Chime test root");

    static final Issued SERVER = ROOT.issue("localhost", "localhost", "127.0.0.1");
    static final Issued CLIENT = ROOT.issue("a client");

    /** A key with its certificates. */
    record Issued(PrivateKey key, List<X509Certificate> chain) {
        TlsIdentity identity() {
            try {
                return TlsIdentity.of(key, chain);
            } catch (dev.chime.reactor.ReactorException e) {
                throw new AssertionError(e);
            }
        }

        String certificatesPem() {
            StringBuilder text = new StringBuilder();
            chain.forEach(c -> text.append(pem("CERTIFICATE", encoded(c))));
            return text.toString();
        }

        String keyPem() {
            return pem("PRIVATE KEY", key.getEncoded());
        }

        Issued alone() {
            return new Issued(key, chain.subList(0, 1));
        }
    }

    final X509Certificate certificate;
    private final Issued own;

    Authority(String name) {
        own = make(name, null, List.of(), true, "EC", Duration.ofDays(-1), Duration.ofDays(1));
        certificate = own.chain().getFirst();
    }

    private Authority(Issued own) {
        this.own = own;
        certificate = own.chain().getFirst();
    }

    TlsTrust trust() {
        return TlsTrust.of(List.of(certificate));
    }

    String pem() {
        return pem("CERTIFICATE", encoded(certificate));
    }

    Issued issue(String name, String... altNames) {
        return make(
                name, own, List.of(altNames), false, "EC", Duration.ofDays(-1), Duration.ofDays(1));
    }

    Issued issueRsa(String name, String... altNames) {
        return make(
                name,
                own,
                List.of(altNames),
                false,
                "RSA",
                Duration.ofDays(-1),
                Duration.ofDays(1));
    }

    Issued issueFor(Duration from, Duration to, String name, String... altNames) {
        return make(name, own, List.of(altNames), false, "EC", from, to);
    }

    /** An authority that this one vouches for. */
    Authority intermediate(String name) {
        return new Authority(
                make(name, own, List.of(), true, "EC", Duration.ofDays(-1), Duration.ofDays(1)));
    }

    static Issued selfSigned(String name, String... altNames) {
        return make(
                name,
                null,
                List.of(altNames),
                false,
                "EC",
                Duration.ofDays(-1),
                Duration.ofDays(1));
    }

    private static Issued make(
            String name,
            Issued issuer,
            List<String> altNames,
            boolean authority,
            String keyType,
            Duration from,
            Duration to) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(keyType);
            if (keyType.equals("EC")) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            } else {
                generator.initialize(2048);
            }
            KeyPair pair = generator.generateKeyPair();
            PrivateKey signer = issuer == null ? pair.getPrivate() : issuer.key();
            byte[] issuerName =
                    issuer == null
                            ? name(name)
                            : issuer.chain().getFirst().getSubjectX500Principal().getEncoded();
            Instant now = Instant.now();
            byte[] algorithm = Der.element(Der.SEQUENCE, oid("2a8648ce3d040302"));
            byte[] content =
                    Der.element(
                            Der.SEQUENCE,
                            Der.element(Der.CONTEXT_0, Der.element(Der.INTEGER, new byte[] {2})),
                            Der.element(
                                    Der.INTEGER,
                                    BigInteger.valueOf(SERIAL.incrementAndGet()).toByteArray()),
                            algorithm,
                            issuerName,
                            Der.element(Der.SEQUENCE, time(now.plus(from)), time(now.plus(to))),
                            name(name),
                            pair.getPublic().getEncoded(),
                            extensions(altNames, authority));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(signer);
            signature.update(content);
            byte[] signed = bits(signature.sign());
            X509Certificate certificate =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(
                                            new ByteArrayInputStream(
                                                    Der.element(
                                                            Der.SEQUENCE,
                                                            content,
                                                            algorithm,
                                                            signed)));
            List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
            if (issuer != null && issuer.chain().size() > 1) {
                chain.addAll(issuer.chain().subList(0, issuer.chain().size() - 1));
            }
            if (issuer != null) {
                chain.add(issuer.chain().getLast());
            }
            return new Issued(pair.getPrivate(), chain);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] oid(String hex) {
        return Der.element(Der.OBJECT_IDENTIFIER, HexFormat.of().parseHex(hex));
    }

    private static byte[] name(String common) {
        byte[] text = common.getBytes(StandardCharsets.UTF_8);
        return Der.element(
                Der.SEQUENCE,
                Der.element(
                        SET,
                        Der.element(Der.SEQUENCE, oid("550403"), Der.element(UTF8_STRING, text))));
    }

    private static byte[] time(Instant time) {
        return Der.element(GENERALIZED_TIME, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] bits(byte[] bytes) {
        return Der.element(BIT_STRING, new byte[1], bytes);
    }

    private static byte[] extensions(List<String> altNames, boolean authority) {
        List<byte[]> all = new ArrayList<>();
        if (authority) {
            byte[] yes = Der.element(BOOLEAN, new byte[] {-1});
            all.add(extension("551d13", Der.element(Der.SEQUENCE, yes)));
        }
        if (!altNames.isEmpty()) {
            byte[][] names = altNames.stream().map(Authority::altName).toArray(byte[][]::new);
            all.add(extension("551d11", Der.element(Der.SEQUENCE, names)));
        }
        byte[] list = Der.element(Der.SEQUENCE, all.toArray(byte[][]::new));
        return all.isEmpty() ? new byte[0] : Der.element(0xA3, list);
    }

    private static byte[] extension(String oid, byte[] value) {
        return Der.element(Der.SEQUENCE, oid(oid), Der.element(Der.OCTET_STRING, value));
    }

    private static byte[] altName(String name) {
        if (Character.isDigit(name.charAt(0))) {
            return Der.element(0x87, java.net.InetAddress.ofLiteral(name).getAddress());
        }
        return Der.element(0x82, name.getBytes(StandardCharsets.US_ASCII));
    }

    static String pem(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
