package dev.chime.samples;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.fs.ReadStreamOptions;
import dev.chime.fs.Root;
import dev.chime.fs.Stats;
import dev.chime.net.ListenOptions;
import dev.chime.net.http.Http;
import dev.chime.net.http.IncomingMessage;
import dev.chime.net.http.Representation;
import dev.chime.net.http.ServerResponse;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An HTTP server of the files below a directory; no name and no link leads out of it. */
final class HttpFiles {
    private static final Logger LOG = LoggerFactory.getLogger(HttpFiles.class);
    private static final int BACKLOG = 1024;
    private static final int BAD_REQUEST = 400;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int FAILED = 500;

    private final Root root;

    private HttpFiles(Root root) {
        this.root = root;
    }

    static int run(Arguments arguments) {
        arguments.allow("port", "host", "root");
        arguments.noWords();
        int port = arguments.number("port", 0, 65535);
        String host = arguments.textOrNull("host");
        Path directory = Path.of(arguments.text("root"));
        ListenOptions options =
                ListenOptions.port(port).host(host == null ? "127.0.0.1" : host).backlog(BACKLOG);
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
                                    Http.of(reactor)
                                            .createServer(new HttpFiles(root)::answer)
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
        Path path;
        try {
            // Plus signs are what they are in a path.
            String encoded = request.path().replace("+", "%2B");
            String name = URLDecoder.decode(encoded, StandardCharsets.UTF_8).substring(1);
            path = Path.of(name.isEmpty() || name.endsWith("/") ? name + "index.html" : name);
        } catch (IllegalArgumentException e) {
            response.status(BAD_REQUEST).end();
            return;
        }
        root.open(
                path,
                (err, file) -> {
                    if (err != null) {
                        response.status(status(err)).end();
                        return;
                    }
                    response.onClose(sent -> file.close(closed -> {}));
                    file.stat((e, stats) -> {
                        if (e != null || !stats.isFile()) {
                            response.status(e == null ? NOT_FOUND : FAILED).end();
                        } else {
                            response.send(content(path, file, stats));
                        }
                    });
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

    private static int status(ReactorException err) {
        return switch (err.code()) {
            case "ENOENT", "ENOTDIR", "ENAMETOOLONG" -> NOT_FOUND;
            case "ERR_FS_OUTSIDE_ROOT", "EACCES", "EPERM", "ELOOP" -> FORBIDDEN;
            default -> FAILED;
        };
    }
}
