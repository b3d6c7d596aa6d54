package dev.chime.samples;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.fs.Stats;
import dev.chime.fs.Watcher;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prints the last lines of a file. With {@code -f} it stays, and prints what is written behind
 * them; it follows the name: a file that is cut off is read from its start, and so is another one
 * that has taken the name, when the old one has been read to its end.
 */
final class Tail {
    private static final int CHUNK_BYTES = 64 << 10;

    private final Fs fs;
    private final Path path;
    private final Buffer chunk;
    private int linesWanted;
    private @Nullable Watcher watcher;
    private @Nullable FileHandle file;
    private long position;
    private boolean begun;
    private boolean busy = true;
    private boolean changedMeanwhile;
    private boolean replaced;
    private int exitCode;

    private Tail(Reactor reactor, Path path, int lines) {
        fs = Fs.of(reactor);
        this.path = path;
        linesWanted = lines;
        chunk = reactor.buffer(CHUNK_BYTES);
        reactor.onExit(chunk::release);
    }

    static int run(Arguments arguments) {
        arguments.allow("lines");
        List<String> words = new ArrayList<>(arguments.files());
        boolean follow = words.remove("-f");
        if (words.size() != 1) {
            throw new UsageException("name one file");
        }
        boolean counted = arguments.textOrNull("lines") != null;
        int lines = counted ? arguments.number("lines", 0, Integer.MAX_VALUE) : 10;
        Tail[] tail = new Tail[1];
        Reactor.run(reactor -> {
            tail[0] = new Tail(reactor, Path.of(words.getFirst()), lines);
            tail[0].start(follow);
        });
        return tail[0].exitCode;
    }

    /** The watch comes first, so that no change is missed. */
    private void start(boolean follow) {
        if (follow) {
            watcher = fs.watch(path, event -> changed()).onReady(this::open).onError(this::failed);
        } else {
            open();
        }
    }

    private void failed(@Nullable ReactorException err) {
        if (err != null) {
            exitCode = 1;
            System.err.println(err.getMessage());
            close();
        }
    }

    private void close() {
        if (watcher != null) {
            watcher.close();
        }
        if (file != null) {
            file.close(err -> {});
            file = null;
        }
    }

    private void open() {
        fs.open(
                path,
                (err, opened) -> {
                    if (err == null) {
                        file = opened;
                        begin(opened);
                    } else if (begun && err.code().equals("ENOENT")) {
                        idle(); // another one may come
                    } else {
                        failed(err);
                    }
                });
    }

    private void begin(FileHandle opened) {
        if (begun) {
            print(opened);
            return;
        }
        begun = true;
        opened.stat((err, stats) -> {
            if (err != null) {
                failed(err);
            } else if (linesWanted > 0) {
                searchBack(opened, stats.size(), stats.size());
            } else {
                position = stats.size();
                print(opened);
            }
        });
    }

    // ---- the last lines

    /** Looks for as many ends of lines as are wanted, from {@code to} backwards. */
    private void searchBack(FileHandle from, long to, long size) {
        long start = Math.max(0, to - CHUNK_BYTES);
        Buffer piece = chunk.slice(0, (int) (to - start));
        from.read(
                piece,
                start,
                (err, bytes, buffer) -> {
                    for (int i = bytes - 1; i >= 0 && linesWanted > 0; i--) {
                        boolean lastOfAll = start + i == size - 1;
                        if (piece.get(i) == '\n' && !lastOfAll && --linesWanted == 0) {
                            position = start + i + 1;
                        }
                    }
                    if (err != null) {
                        failed(err);
                    } else if (linesWanted > 0 && start > 0) {
                        searchBack(from, start, size);
                    } else {
                        print(from);
                    }
                });
        piece.release();
    }

    private void print(FileHandle from) {
        from.read(
                chunk,
                position,
                (err, bytes, buffer) -> {
                    if (err != null) {
                        failed(err);
                    } else if (bytes > 0) {
                        byte[] copy = new byte[bytes];
                        buffer.get(0, copy, 0, bytes);
                        System.out.write(copy, 0, bytes);
                        position += bytes;
                        if (System.out.checkError()) {
                            close(); // nobody reads on
                        } else {
                            print(from);
                        }
                    } else {
                        atTheEnd(from);
                    }
                });
    }

    // ---- following

    private void atTheEnd(FileHandle from) {
        if (watcher == null || !watcher.isOpen()) {
            close();
        } else if (replaced) {
            replaced = false;
            position = 0;
            file = null;
            from.close(err -> open());
        } else {
            idle();
        }
    }

    private void idle() {
        busy = false;
        if (changedMeanwhile) {
            changed();
        }
    }

    private void changed() {
        changedMeanwhile = busy;
        if (!busy) {
            busy = true;
            fs.stat(path, this::compare);
        }
    }

    /** The file that has the name now, and the one that is open. */
    private void compare(@Nullable ReactorException err, Stats named) {
        FileHandle open = file;
        if (open == null) {
            open();
        } else if (err != null) { // nobody has the name: read on in what had it
            print(open);
        } else {
            open.stat((failed, stats) -> {
                if (failed != null) {
                    failed(failed);
                    return;
                }
                replaced = named.ino() != stats.ino() || named.dev() != stats.dev();
                if (stats.size() < position) {
                    System.err.println("tail: " + path + " has been cut off");
                    position = 0;
                }
                print(open);
            });
        }
    }
}
