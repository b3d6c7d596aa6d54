package dev.chime.net.tls;

import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** X.509 certificates out of PEM. */
final class Certificates {
    private Certificates() {}

    /** Reads a file of text; for threads that may wait. */
    static Pem read(Path file) throws ReactorException {
        try {
            return Pem.parse(
                    file.toString(), new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (ReactorException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw unreadable(Errno.ENOENT, file);
        } catch (AccessDeniedException e) {
            throw unreadable(Errno.EACCES, file);
        } catch (IOException e) {
            throw unreadable(Files.isDirectory(file) ? Errno.EISDIR : Errno.EIO, file);
        }
    }

    private static ReactorException unreadable(Errno errno, Path file) {
        return ErrnoException.file(errno.number(), "open", file.toString());
    }

    /** All certificates of a text, of which there must be one. */
    static List<X509Certificate> all(Pem pem) throws ReactorException {
        List<X509Certificate> all = new ArrayList<>();
        for (Pem.Block block : pem.blocks()) {
            if (block.label().equals("CERTIFICATE")
                    || block.label().equals("X509 CERTIFICATE")
                    || block.label().equals("TRUSTED CERTIFICATE")) {
                all.add(read(pem.name(), block));
            }
        }
        if (all.isEmpty()) {
            throw Pem.error(
                    "ERR_OSSL_PEM_NO_START_LINE",
                    "%s holds no certificate, but: %s".formatted(pem.name(), pem.labels()));
        }
        return all;
    }

    private static X509Certificate read(String name, Pem.Block block) throws ReactorException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(block.der()));
        } catch (CertificateException e) {
            throw new ReactorException(
                    "ERR_OSSL_ASN1_ILLEGAL_CERTIFICATE",
                    "%s: the certificate of line %d cannot be read: %s"
                            .formatted(name, block.line(), e.getMessage()),
                    e);
        }
    }
}
