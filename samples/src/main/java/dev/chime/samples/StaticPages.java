package dev.chime.samples;

import dev.chime.fs.Dirent;
import dev.chime.fs.Root;
import dev.chime.net.http.ServerResponse;
import dev.chime.reactor.ReactorException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** The pages that a file server makes itself: what is in a folder, and why there is no file. */
final class StaticPages {
    private StaticPages() {}

    /** Answers with a status and a sentence for people. */
    static void status(ServerResponse response, int status, String why) {
        page(response.status(status), String.valueOf(status), "<p>" + escape(why) + "</p>");
    }

    /** Answers with what is in a folder: folders first, each group by name. */
    static void listing(
            Root root, Path folder, ServerResponse response, Consumer<ReactorException> failed) {
        List<Dirent> entries = new ArrayList<>();
        root.opendir(
                folder,
                (err, dir) -> {
                    if (err != null) {
                        failed.accept(err);
                        return;
                    }
                    dir.forEach(
                            entries::add,
                            e -> {
                                if (e != null) {
                                    failed.accept(e);
                                } else {
                                    list(folder, entries, response);
                                }
                            });
                });
    }

    private static void list(Path folder, List<Dirent> entries, ServerResponse response) {
        entries.sort(
                Comparator.comparing((Dirent entry) -> !entry.isDirectory())
                        .thenComparing(Dirent::name));
        boolean top = folder.toString().equals(".");
        StringBuilder list = new StringBuilder("<ul>\n");
        if (!top) {
            list.append("<li><a href=\"../\">../</a>\n");
        }
        for (Dirent entry : entries) {
            String end = entry.isDirectory() ? "/" : "";
            // "./" keeps a name such as "a:b" from being taken for a scheme.
            list.append("<li><a href=\"./")
                    .append(encode(entry.name()))
                    .append(end)
                    .append("\">")
                    .append(escape(entry.name()))
                    .append(end)
                    .append("</a>\n");
        }
        page(response, top ? "/" : "/" + folder + "/", list.append("</ul>").toString());
    }

    private static void page(ServerResponse response, String title, String content) {
        String page =
                """
                <!DOCTYPE html>
                <html lang="en">
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%1$s</title>
                <style>
                :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
                body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
                h1 { font-size: 1.3rem }
                ul { list-style: none; padding: 0 }
                a { text-decoration: none }
                a:hover, a:focus { text-decoration: underline }
                </style>
                <h1>%1$s</h1>
                %2$s
                </html>
                """
                        .formatted(escape(title), content);
        response.header("Content-Type", "text/html; charset=utf-8")
                .header("X-Content-Type-Options", "nosniff")
                .end(page.getBytes(StandardCharsets.UTF_8));
    }

    /** A path as it stands in an address; slashes stay. */
    static String encode(String path) {
        return URLEncoder.encode(path, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }

    /** Text as it stands in a page and in the value of an attribute. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
