package dev.chime.samples;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Copies files to the standard output, one after the other, through one buffer. */
final class Cat {
    private static final int PIECE_BYTES = 64 << 10;

    private final Reactor reactor;
    private final Iterator<String> names;
    private final Buffer buffer;
    private final byte[] piece = new byte[PIECE_BYTES];
    private int exitCode;

    private Cat(Reactor reactor, Iterator<String> names) {
        this.reactor = reactor;
        this.names = names;
        buffer = reactor.buffer(PIECE_BYTES);
    }

    static int run(Arguments arguments) {
        arguments.allow();
        Iterator<String> names = arguments.files().iterator();
        Cat[] cat = new Cat[1];
        Reactor.run(reactor -> {
            cat[0] = new Cat(reactor, names);
            cat[0].next();
        });
        return cat[0].exitCode;
    }

    private void next() {
        if (!names.hasNext()) {
            buffer.release();
            return;
        }
        Fs.of(reactor).open(Path.of(names.next()), this::opened);
    }

    private void opened(@Nullable ReactorException err, FileHandle file) {
        if (err != null) {
            failed(err);
            next();
        } else {
            read(file);
        }
    }

    private void read(FileHandle file) {
        file.read(
                buffer,
                (err, bytes, filled) -> {
                    if (err != null) {
                        failed(err);
                    }
                    if (err != null || bytes == 0) {
                        file.close(closed -> next());
                        return;
                    }
                    filled.get(0, piece, 0, bytes);
                    System.out.write(piece, 0, bytes);
                    if (System.out.checkError()) {
                        file.close(closed -> buffer.release()); // nobody reads on
                    } else {
                        read(file);
                    }
                });
    }

    private void failed(ReactorException err) {
        exitCode = 1;
        System.err.println(err.getMessage());
    }
}
