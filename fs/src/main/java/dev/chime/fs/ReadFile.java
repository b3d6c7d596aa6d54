package dev.chime.fs;

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
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One {@code readFile}: open, reads until one returns nothing, close.
 *
 * <p>Only a read of 0 bytes ends a file: a short one does not, as FIFOs and {@code /proc} show. The
 * size is asked for when a file does not fit the first buffer, and is no more than a guess of how
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
     * The most read at once. The kernel copies cached bytes while the loop waits, so that larger
     * reads, and those of large files, go to its threads: they, and the loop's own copy to the
     * array, go on at the same time.
     */
    static final int CHUNK_BYTES = 256 << 10;

    /** The longest array that every JVM allocates. */
    private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

    private enum Stage {
        OPEN,
        /** Reads into the first buffer. */
        FIRST,
        /** Waits for the writer of a FIFO. */
        WAIT,
        /** Asks for the size. */
        STAT,
        /** Waits until there is room among the large files under way. */
        TURN,
        /** Reads what did not fit. */
        REST,
        DONE
    }

    private final Fs fs;
    private final Path path;
    private final @Nullable Charset charset;
    private final Callback<?> callback;
    private Stage stage = Stage.OPEN;
    private @Nullable Slot slot;
    private @Nullable Chunk chunk;
    private byte @Nullable [] content;
    private int length;
    private int fd = -1;
    private int size;
    private int refusal;
    private boolean takesPart;
    private @Nullable CallSite site;
    private boolean isStream;
    private boolean waited;

    /** Reads bytes, or, with a charset, text. */
    ReadFile(Fs fs, Path path, @Nullable Charset charset, Callback<?> callback) {
        super(fs.core());
        this.fs = fs;
        this.path = path;
        this.charset = charset;
        this.callback = callback;
    }

    ReadFile start() {
        Slot open = core.slot(Op.OPENAT, this);
        Opening.fill(open, Const.O_RDONLY, 0);
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
        } else if (fs.bigReads(size).withdraw(this)) {
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
                case FIRST -> readFirst(completed, result);
                case WAIT -> arrived(result);
                case STAT -> sized(completed, result);
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
                fs.bigReads(size)
                        .ended(this); // behind the callback, which may have been the last use
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

    private void readFirst(Slot read, int result) throws Exception {
        if (result == -ErrnoCode.ESPIPE && !isStream) {
            isStream = true;
            read(chunk().address(), FIRST_BYTES);
            return;
        }
        if (result == 0 && length == 0 && !waited && Fifos.isFifo(core, fd, read)) {
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
        if (length < FIRST_BYTES) {
            read(chunk().address() + length, FIRST_BYTES - length);
            return;
        }
        stage = Stage.STAT;
        Slot stat = core.slot(Op.STATX, this);
        StatCall.fill(stat, fd);
        submit(stat);
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

    private void sized(Slot stat, int result) throws Exception {
        if (result < 0) {
            fail(ErrnoException.file(result, "fstat", null));
            return;
        }
        long statx = stat.scratch;
        long size = Stats.type(statx) == Const.S_IFREG ? Stats.size(statx) : 0;
        if (size > MAX_BYTES) {
            fail(tooLarge(size));
            return;
        }
        if (stopped()) {
            fail(Arguments.stopped(stopErrno(), "read"));
            return;
        }
        this.size = (int) size;
        stage = Stage.TURN;
        if (size > FIRST_BYTES) {
            site = CallSite.current(); // the end of another file may bring us on
            fs.bigReads(this.size).add(this);
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
        byte[] all = new byte[Math.max(size, FIRST_BYTES)];
        Memory.copy(chunk().address(), all, 0, length);
        content = all;
        long rest = size > length ? size - length : CHUNK_BYTES;
        if (rest > FIRST_BYTES) {
            Chunk larger = core.allocate((int) Math.min(rest, CHUNK_BYTES));
            chunk().release();
            chunk = larger;
        }
        stage = Stage.REST;
        read(chunk().address(), chunk().size());
    }

    private void readRest(int result) throws Exception {
        if (ended(result)) {
            return;
        }
        byte[] all = content();
        if (result > all.length - length) {
            if ((long) length + result > MAX_BYTES) {
                fail(tooLarge((long) length + result));
                return;
            }
            long twice = Math.max(2L * all.length, (long) length + result);
            all = Arrays.copyOf(all, (int) Math.min(twice, MAX_BYTES));
            content = all;
        }
        Memory.copy(chunk().address(), all, length, result);
        length += result;
        read(chunk().address(), chunk().size());
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

    static ReactorException tooLarge(long size) {
        return new ReactorException(
                "ERR_FS_FILE_TOO_LARGE", "File size (" + size + ") is greater than 2 GiB");
    }

    private void succeed() throws Exception {
        Object value = charset == null ? bytes() : text(charset);
        end();
        call(null, value);
    }

    private void fail(ReactorException err) throws Exception {
        end();
        call(err, Arguments.none());
    }

    @SuppressWarnings("unchecked")
    private void call(@Nullable ReactorException err, Object value) throws Exception {
        ((Callback<Object>) callback).call(err, value);
    }

    private byte[] bytes() {
        byte[] all = content;
        if (all == null) {
            all = new byte[length];
            Memory.copy(chunk().address(), all, 0, length);
        }
        return all.length == length ? all : Arrays.copyOf(all, length);
    }

    private String text(Charset decoded) {
        byte[] all = content;
        if (all == null) {
            all = fs.decodeBuffer();
            Memory.copy(chunk().address(), all, 0, length);
        }
        return new String(all, 0, length, decoded);
    }

    /** Gives back memory and descriptor, before the user's callback can throw. */
    private void end() {
        stage = Stage.DONE;
        ended();
        content = null;
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

    private byte[] content() {
        byte[] all = content;
        if (all == null) {
            throw new AssertionError("what follows the first buffer goes to the array");
        }
        return all;
    }

    @Override
    public String toString() {
        String note = stopped() ? " cancelled" : "";
        return "readFile " + path + " " + stage + " " + length + " bytes" + note;
    }
}
