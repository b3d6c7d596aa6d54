package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One {@code readFile}: open, reads until one returns nothing, close.
 *
 * <p>A read of 0 bytes ends a file. A short one does not, as FIFOs and {@code /proc} show, unless
 * the file is regular and its size says the same, which the kernel tells from memory, without
 * waiting. Of a file that does not fit the first buffer the size is no more than a guess of how
 * much memory to take: it may be 0 or out of date. The close is not waited for.
 *
 * <p>Every read names its offset, until the file turns out to have none: the ring does not move the
 * kernel's own position when a read ends in an error after some bytes, and the next read would
 * bring them again.
 *
 * <p>It owns the descriptor, by number, and gives it to a close on every way out; the reactor lets
 * closes through even when it ends.
 */
final class ReadFile extends Composed implements Completion {
    /** Most files fit; the others cost one copy of this more. */
    static final int FIRST_BYTES = 16 << 10;

    /**
     * The most read at once that is copied again. The kernel copies cached bytes while the loop
     * waits, so that larger reads, and those of large files, go to its threads: they, and the
     * loop's own copy to the array, go on at the same time.
     */
    static final int CHUNK_BYTES = 256 << 10;

    private enum Stage {
        OPEN,
        /** Reads into the first buffer. */
        FIRST,
        /** Waits for the writer of a FIFO. */
        WAIT,
        /** Waits until there is room among the large files under way. */
        TURN,
        /** Reads what did not fit. */
        REST,
        DONE
    }

    private final Fs fs;
    private final Path path;
    private final int openBits;
    private final @Nullable Charset charset;
    private final boolean stays;
    private final Callback<?> callback;
    private Stage stage = Stage.OPEN;
    private @Nullable Slot slot;
    private @Nullable Chunk chunk;
    private @Nullable WholeFile whole;
    private int length;
    private int fd = -1;
    private int size;
    private int refusal;
    private boolean takesPart;
    private @Nullable CallSite site;
    private boolean isStream;
    private boolean waited;

    private ReadFile(
            Fs fs,
            Path path,
            int openBits,
            @Nullable Charset charset,
            boolean stays,
            Callback<?> callback) {
        super(fs.core());
        this.fs = fs;
        this.path = path;
        this.openBits = openBits;
        this.charset = charset;
        this.stays = stays;
        this.callback = callback;
    }

    static ReadFile bytes(Fs fs, Path path, ReadOptions options, Callback<byte[]> callback) {
        return new ReadFile(fs, path, OpenFlag.bits(options.flags()), null, false, callback);
    }

    static ReadFile text(
            Fs fs, Path path, Charset charset, ReadOptions options, Callback<String> callback) {
        return new ReadFile(fs, path, OpenFlag.bits(options.flags()), charset, false, callback);
    }

    /** The content stays in native memory. */
    static ReadFile buffer(Fs fs, Path path, Callback<Buffer> callback) {
        return new ReadFile(fs, path, Const.O_RDONLY, null, true, callback);
    }

    ReadFile start() {
        Slot open = core.slot(Op.OPENAT, this);
        Opening.fill(open, openBits, Arguments.DEFAULT_MODE);
        NativePath.put(core, open, path, 0);
        submit(open);
        return this;
    }

    private void submit(Slot next) {
        slot = next;
        core.submit(next);
    }

    @Override
    protected void interrupt() {
        Slot inFlight = slot;
        if (inFlight != null) {
            core.cancel(inFlight, stopErrno());
        } else if (fs.bigReads().withdraw(this)) {
            refuse(stopErrno());
        }
    }

    /** Calls back with an error, in a later turn, as always. */
    private void refuse(int errno) {
        stage = Stage.TURN;
        refusal = errno;
        submit(core.slot(Op.NOP, this));
    }

    @Override
    public void complete(Slot completed, int result, boolean more) throws Exception {
        slot = null;
        try {
            switch (stage) {
                case OPEN -> opened(completed, result);
                case FIRST -> readFirst(result);
                case WAIT -> arrived(result);
                case TURN -> fail(ErrnoException.file(refusal, "read", null));
                case REST -> readRest(result);
                case DONE -> throw new AssertionError("nothing is in flight when all is done");
            }
        } catch (OutOfMemoryError e) {
            if (stage == Stage.DONE) {
                throw e; // the callback's own
            }
            fail(ErrnoException.file(Errno.ENOMEM.number(), "read", null));
        } finally {
            if (stage == Stage.DONE && takesPart) {
                takesPart = false;
                fs.bigReads().ended(this); // behind the callback, which may have been the last use
            }
        }
    }

    private void opened(Slot open, int result) throws Exception {
        NativePath.release(open);
        if (result < 0) {
            fail(ErrnoException.file(result, "open", path.toString()));
            return;
        }
        fd = result;
        stage = Stage.FIRST;
        if (stopped()) {
            fail(Arguments.stopped(stopErrno(), "read"));
            return;
        }
        chunk = core.allocate(FIRST_BYTES);
        read(chunk.address(), FIRST_BYTES);
    }

    private void read(long address, int bytes) {
        Slot read = core.slot(Op.READ, this);
        read.fd = fd;
        read.address = address;
        read.length = bytes;
        read.offset = isStream ? -1 : length;
        read.byWorker = bytes > FIRST_BYTES;
        submit(read);
    }

    private void readFirst(int result) throws Exception {
        if (result == -ErrnoCode.ESPIPE && !isStream) {
            isStream = true;
            read(chunk().address(), FIRST_BYTES);
            return;
        }
        boolean waits = (openBits & Const.O_NONBLOCK) == 0 && !waited;
        if (result == 0 && length == 0 && waits && Inode.isFifo(core, fd)) {
            waited = true;
            if (stopped()) {
                fail(Arguments.stopped(stopErrno(), "read"));
                return;
            }
            stage = Stage.WAIT;
            Slot poll = Fifos.arrival(core, this);
            poll.fd = fd;
            submit(poll);
            return;
        }
        if (ended(result)) {
            return;
        }
        length += result;
        if (length == FIRST_BYTES) {
            takeTurn(isStream ? 0 : Inode.size(core, fd));
        } else if (!isStream && Inode.endsAt(core, fd, length)) {
            succeed();
        } else {
            read(chunk().address() + length, FIRST_BYTES - length);
        }
    }

    private void arrived(int result) throws Exception {
        if (result < 0 || stopped()) {
            int error = stopped() ? -stopErrno() : result;
            fail(ErrnoException.file(error, "read", null));
            return;
        }
        stage = Stage.FIRST;
        read(chunk().address(), FIRST_BYTES);
    }

    private void takeTurn(long bytes) throws Exception {
        if (bytes > WholeFile.MAX_BYTES) {
            fail(WholeFile.tooLarge(bytes));
            return;
        }
        size = (int) bytes;
        stage = Stage.TURN;
        if (size > FIRST_BYTES) {
            site = CallSite.current(); // the end of another file may bring us on
            fs.bigReads().add(this);
        } else {
            makeRoom(); // a stream may last: it stands in nobody's way
        }
    }

    /** What the file's size was, once it has been asked for; 0 of what has none. */
    int size() {
        return size;
    }

    /** It is this file's turn. */
    void readOn() {
        takesPart = true;
        CallSite.resume(site);
        try {
            makeRoom();
        } catch (OutOfMemoryError e) {
            refuse(ErrnoCode.ENOMEM);
        }
    }

    private void makeRoom() {
        Chunk first = chunk();
        WholeFile rest =
                stays ? new WholeBuffer(core, first, size) : new WholeArray(core, first, size);
        whole = rest;
        chunk = null;
        first.release();
        stage = Stage.REST;
        read(rest.address(), rest.room());
    }

    private void readRest(int result) throws Exception {
        if (ended(result)) {
            return;
        }
        WholeFile rest = Objects.requireNonNull(whole);
        try {
            rest.took(result);
        } catch (ReactorException tooLarge) {
            fail(tooLarge);
            return;
        }
        length += result;
        read(rest.address(), rest.room());
    }

    /** True when a read was the last one: an error, the end of the file, a cancel in between. */
    private boolean ended(int result) throws Exception {
        if (result < 0) {
            fail(ErrnoException.file(result, "read", null));
            return true;
        }
        if (result == 0) {
            succeed();
            return true;
        }
        if (stopped()) {
            fail(Arguments.stopped(stopErrno(), "read"));
            return true;
        }
        return false;
    }

    private void succeed() throws Exception {
        WholeFile rest = whole;
        Object value = rest == null ? firstBytes() : rest.value(charset);
        end();
        try {
            call(null, value);
        } finally {
            if (value instanceof Buffer buffer) {
                buffer.release();
            }
        }
    }

    private void fail(ReactorException err) throws Exception {
        end();
        call(err, Arguments.none());
    }

    @SuppressWarnings("unchecked")
    private void call(@Nullable ReactorException err, Object value) throws Exception {
        ((Callback<Object>) callback).call(err, value);
    }

    /** What the callback gets of a file that fits the first buffer. */
    private Object firstBytes() {
        Chunk first = chunk();
        if (stays) {
            first.retain();
            return core.wrap(first, 0, length);
        }
        byte[] content = charset == null ? new byte[length] : fs.bigReads().decodeBuffer();
        Memory.copy(first.address(), content, 0, length);
        return charset == null ? content : new String(content, 0, length, charset);
    }

    /** Gives back memory and descriptor, before the user's callback can throw. */
    private void end() {
        stage = Stage.DONE;
        ended();
        WholeFile rest = whole;
        if (rest != null) {
            whole = null;
            rest.release();
        }
        Chunk memory = chunk;
        if (memory != null) {
            chunk = null;
            memory.release();
        }
        if (fd >= 0) {
            Closes.forget(core, fd);
            fd = -1;
        }
    }

    private Chunk chunk() {
        Chunk memory = chunk;
        if (memory == null) {
            throw new AssertionError("a file that is read has a buffer");
        }
        return memory;
    }

    @Override
    public String toString() {
        String note = stopped() ? " cancelled" : "";
        return "readFile " + path + " " + stage + " " + length + " bytes" + note;
    }
}
