package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/** Reads what a symbolic link says, into memory of its own: it may be as long as a path. */
final class ReadLink implements Completion {
    private final Path path;
    private final Chunk target;

    private ReadLink(Path path, Chunk target) {
        this.path = path;
        this.target = target;
    }

    static Operation of(Core core, Path path, Callback<Path> callback) {
        Slot slot = submit(core, path, callback);
        return core.operation(slot);
    }

    /** Submits the call as a step of another one; its callback runs when the step is over. */
    static Slot submit(Core core, Path path, Callback<Path> callback) {
        Chunk target = core.allocateArguments();
        Slot slot = core.slot(Op.READLINKAT, new ReadLink(path, target));
        slot.fd = Const.AT_FDCWD;
        NativePath.put(core, slot, path, 0);
        slot.offset = target.address();
        slot.length = target.size();
        slot.callback = callback;
        core.submit(slot);
        return slot;
    }

    @Override
    public void complete(Slot slot, int result, boolean more) throws Exception {
        NativePath.release(slot);
        Callback<Path> callback = Fs.callback(slot);
        if (result < 0) {
            target.release();
            String name = path.toString();
            callback.call(ErrnoException.file(result, "readlink", name), Arguments.none());
            return;
        }
        byte[] bytes = new byte[result];
        Memory.copy(target.address(), bytes, 0, result);
        target.release();
        callback.call(null, path(bytes, Charset.forName(System.getProperty("sun.jnu.encoding"))));
    }

    /** A path of bytes that need not be text in the encoding of names. */
    static Path path(byte[] bytes, Charset encoding) {
        String text = new String(bytes, encoding);
        if (Arrays.equals(bytes, text.getBytes(encoding))) {
            return Path.of(text);
        }
        // Only by way of a URI, which has to be absolute, does the JDK take bytes.
        StringBuilder uri = new StringBuilder("file:///");
        for (byte b : bytes) {
            if (b == '/') {
                uri.append('/');
            } else {
                uri.append('%').append(HexFormat.of().toHexDigits(b));
            }
        }
        Path absolute = Path.of(URI.create(uri.toString()));
        boolean isAbsolute = bytes[0] == '/';
        return isAbsolute ? absolute : absolute.subpath(0, absolute.getNameCount());
    }
}
