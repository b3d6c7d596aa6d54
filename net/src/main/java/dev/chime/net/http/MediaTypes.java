package dev.chime.net.http;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The media types of files by the ends of their names. */
public final class MediaTypes {
    /** The type of bytes that nothing is known about. */
    public static final String UNKNOWN = "application/octet-stream";

    private static final Map<String, String> TYPES = new HashMap<>();

    static {
        add("text/html; charset=utf-8", "html", "htm");
        add("text/css; charset=utf-8", "css");
        add("text/javascript; charset=utf-8", "js", "mjs");
        add("text/plain; charset=utf-8", "txt", "text", "log");
        add("text/csv; charset=utf-8", "csv");
        add("text/markdown; charset=utf-8", "md");
        add("text/calendar; charset=utf-8", "ics");
        add("application/json", "json", "map");
        add("application/ld+json", "jsonld");
        add("application/manifest+json", "webmanifest");
        add("application/xml", "xml");
        add("application/xhtml+xml", "xhtml");
        add("application/rss+xml", "rss");
        add("application/atom+xml", "atom");
        add("application/pdf", "pdf");
        add("application/rtf", "rtf");
        add("application/wasm", "wasm");
        add("application/zip", "zip");
        add("application/gzip", "gz", "tgz");
        add("application/x-tar", "tar");
        add("application/x-bzip2", "bz2");
        add("application/x-xz", "xz");
        add("application/zstd", "zst");
        add("application/java-archive", "jar");
        add("application/epub+zip", "epub");
        add("image/png", "png");
        add("image/apng", "apng");
        add("image/jpeg", "jpg", "jpeg");
        add("image/gif", "gif");
        add("image/webp", "webp");
        add("image/avif", "avif");
        add("image/svg+xml", "svg");
        add("image/bmp", "bmp");
        add("image/tiff", "tif", "tiff");
        add("image/vnd.microsoft.icon", "ico");
        add("audio/mpeg", "mp3");
        add("audio/ogg", "ogg", "oga");
        add("audio/wav", "wav");
        add("audio/flac", "flac");
        add("audio/aac", "aac");
        add("video/mp4", "mp4", "m4v");
        add("video/webm", "webm");
        add("video/ogg", "ogv");
        add("video/mpeg", "mpeg", "mpg");
        add("video/quicktime", "mov");
        add("font/woff", "woff");
        add("font/woff2", "woff2");
        add("font/ttf", "ttf");
        add("font/otf", "otf");
    }

    private MediaTypes() {}

    private static void add(String type, String... endings) {
        for (String ending : endings) {
            TYPES.put(ending, type);
        }
    }

    /** The type of a file of that name or path; {@link #UNKNOWN} if its ending is not known. */
    public static String ofName(String name) {
        String last = name.substring(name.lastIndexOf('/') + 1);
        int dot = last.lastIndexOf('.');
        String ending = last.substring(dot + 1).toLowerCase(Locale.ROOT);
        return dot < 0 ? UNKNOWN : TYPES.getOrDefault(ending, UNKNOWN);
    }
}
