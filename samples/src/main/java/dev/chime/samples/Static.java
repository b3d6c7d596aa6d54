package dev.chime.samples;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.fs.OpenFlag;
import dev.chime.fs.ReadStreamOptions;
import dev.chime.fs.Root;
import dev.chime.fs.Stats;
import dev.chime.net.ListenOptions;
import dev.chime.net.http.IncomingMessage;
import dev.chime.net.http.Representation;
import dev.chime.net.http.ServerResponse;
import dev.chime.net.tls.TlsOptions;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An HTTP server of the files below a directory; no name and no link leads out of it. */
final class Static {
    private static final Logger LOG = LoggerFactory.getLogger(Static.class);
    private static final int BACKLOG = 1024;
    private static final String INDEX = "index.html";

    /** A FIFO that nobody writes to must not hold up who opens it. */
    private static final Set<OpenFlag> READ = Set.of(OpenFlag.READ, OpenFlag.NONBLOCK);

    private final Root root;

    private Static(Root root) {
        this.root = root;
    }

    static int run(Arguments arguments) {
        arguments.allow("port", "host", "dir", "cert", "key");
        arguments.noWords();
        Path directory = Path.of(arguments.text("dir"));
        ListenOptions options = arguments.place().backlog(BACKLOG);
        TlsOptions tls = arguments.tls();
        int[] exitCode = {0};
        Reactor.run(reactor ->
                Fs.of(reactor)
                        .root(
                                directory,
                                (err, root) -> {
                                    if (err != null) {
                                        exitCode[0] = failed(err);
                                        return;
                                    }
                                    Web.server(reactor, arguments, tls, new Static(root)::answer)
                                            .listen(
                                                    options,
                                                    (e, server) -> {
                                                        if (e != null) {
                                                            exitCode[0] = failed(e);
                                                            root.close(closed -> {});
                                                            return;
                                                        }
                                                        LOG.info(
                                                                "files of {} on {}, engine {}",
                                                                directory,
                                                                server.address(),
                                                                reactor.engine());
                                                    });
                                }));
        return exitCode[0];
    }

    private static int failed(ReactorException err) {
        System.err.println(err.getMessage());
        return 1;
    }

    private void answer(IncomingMessage request, ServerResponse response) {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            response.header("Allow", "GET, HEAD");
            StaticPages.status(response, 405, "Files can be had by GET and HEAD alone.");
            return;
        }
        String name;
        Path path;
        try {
            name = name(request.path());
            path = Path.of(name);
        } catch (IllegalArgumentException e) {
            StaticPages.status(response, 400, "The address is not the path of a file.");
            return;
        }
        root.open(
                path,
                READ,
                0,
                (err, file) -> {
                    if (err != null) {
                        refuse(response, err);
                    } else {
                        boolean asFolder = name.equals(".") || name.endsWith("/");
                        String query = request.query();
                        send(asFolder, path, query == null ? "" : "?" + query, file, response);
                    }
                });
    }

    /** The name below the root. */
    private static String name(String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("no path: " + path);
        }
        // Plus signs are what they are in a path.
        String decoded = URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        return decoded.length() == 1 ? "." : decoded.substring(1);
    }

    private void send(
            boolean asFolder, Path path, String query, FileHandle file, ServerResponse response) {
        file.stat((err, stats) -> {
            if (err == null && stats.isFile() && !asFolder) {
                response.onClose(sent -> file.close(closed -> {}));
                response.send(content(path, file, stats));
                return;
            }
            file.close(closed -> {});
            if (err != null) {
                refuse(response, err);
            } else if (!stats.isDirectory()) {
                StaticPages.status(response, 404, "There is no such file.");
            } else if (!asFolder) {
                // Names in the page are relative to the address, which must end as a folder's.
                String there = "/" + StaticPages.encode(path.toString()) + "/" + query;
                response.header("Location", there);
                StaticPages.status(response, 308, "This is a folder.");
            } else {
                folder(path, query, response);
            }
        });
    }

    private void folder(Path path, String query, ServerResponse response) {
        Path index = path.resolve(INDEX);
        root.open(
                index,
                READ,
                0,
                (err, file) -> {
                    if (err == null) {
                        send(false, index, query, file, response);
                    } else if (err.code().equals("ENOENT")) {
                        StaticPages.listing(root, path, response, e -> refuse(response, e));
                    } else {
                        refuse(response, err);
                    }
                });
    }

    private static Representation content(Path path, FileHandle file, Stats stats) {
        return Representation.ofFile(
                path.toString(),
                stats.size(),
                stats.mtime(),
                (offset, bytes) ->
                        file.createReadStream(
                                ReadStreamOptions.defaults()
                                        .range(offset, offset + bytes - 1)
                                        .autoClose(false)));
    }

    private static void refuse(ServerResponse response, ReactorException err) {
        switch (err.code()) {
            case "ENOENT", "ENOTDIR", "ENAMETOOLONG" ->
                    StaticPages.status(response, 404, "There is no such file.");
            case "ERR_FS_OUTSIDE_ROOT", "EACCES", "EPERM", "ELOOP", "ENXIO" ->
                    StaticPages.status(response, 403, "This is not for everybody.");
            default -> {
                LOG.warn("{}", err.getMessage());
                StaticPages.status(response, 500, "The server has failed.");
            }
        }
    }
}
