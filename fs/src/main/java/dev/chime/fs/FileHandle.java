package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Descriptor;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.HeldDescriptor;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.SqeLayout;
import dev.chime.reactor.stream.Lines;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An open file. Loop thread only.
 *
 * <p>Reads and writes that name a position may be in flight together, in any number; they neither
 * use nor move the file's own position. Those that name none start where the last such one ended:
 * one is in flight at a time, the others wait in order. A FIFO or a terminal has no positions, so
 * there both forms take what comes next. A handle opened with {@link OpenFlag#APPEND} writes at the
 * end of the file, whatever position a write names.
 *
 * <p>After {@link #close} every operation fails with EBADF, through its callback. A handle that the
 * program drops without closing it is closed, and logged with its path, once the garbage collector
 * has found it; one that is left open, when the reactor ends, which {@code -Dchime.trace=true}
 * logs.
 */
public final class FileHandle extends HandleAttributes {
    private final Fd fd;
    private final Path path;
    private final Sequence sequence;
    private final @Nullable DirectAlignment alignment;
    private final boolean writesThrough;
    private final List<FileLock> waitingLocks = new ArrayList<>(0);
    private final List<Done> closeHandlers = new ArrayList<>(0);
    private @Nullable ReactorException syncFailure;
    private @Nullable FdClose close;
    private int transfers;

    FileHandle(Core core, Fd fd, Path path, int openBits) {
        super(core);
        this.fd = fd;
        this.path = path;
        sequence = new Sequence(core, fd, openBits);
        boolean direct = (openBits & Const.O_DIRECT) != 0;
        alignment = direct ? DirectAlignment.of(core, fd.number()) : null;
        writesThrough = (openBits & Const.O_DSYNC) != 0; // a bit of O_SYNC as well
        fd.heldBy(this, path);
    }

    /**
     * Makes a file of a descriptor that has come, such as another process has sent, and takes it
     * over. Transfers without a position start where the kernel stands.
     *
     * @throws IllegalArgumentException when it is a socket
     * @throws IllegalStateException when it is closed or somebody else's
     */
    public static FileHandle adopt(Reactor reactor, Descriptor file) {
        return Adopting.adopt(Core.of(reactor), file);
    }

    /**
     * A second descriptor of the open file, to be sent to another process, which gets the file but
     * not the position that this handle counts. Throws EMFILE, and EBADF once closed.
     */
    public Descriptor duplicate() throws ErrnoException {
        core.checkThread("FileHandle.duplicate");
        return HeldDescriptor.duplicate(core, fd);
    }

    /** Whether a transfer would keep the loop: it waits for the device, or copies much. */
    boolean needsWorker(boolean write, int length) {
        return length > ReadFile.CHUNK_BYTES || (write && writesThrough);
    }

    // ---- reading

    /**
     * Reads at {@code position} into {@code target}, as many bytes as it holds. Fewer are normal, 0
     * is the end of the file. The buffer is kept until the callback returns, so it may be released
     * right after this call.
     */
    public Operation read(Buffer target, long position, ReadCallback callback) {
        check("FileHandle.read", callback);
        Arguments.notNull(target, "target");
        Arguments.position(position);
        return core.operation(SlotCalls.submit(this, Op.READ, target, position, 0, callback));
    }

    /** Reads where the last read or write without a position ended; see {@link #read}. */
    public Operation read(Buffer target, ReadCallback callback) {
        check("FileHandle.read", callback);
        Arguments.notNull(target, "target");
        return enqueue(new BufferTransfer(this, target, callback));
    }

    /**
     * Reads at {@code position} into the buffers, one behind the other, as many bytes as they hold;
     * see {@link #read(Buffer, long, ReadCallback)}.
     */
    public Operation readv(List<Buffer> targets, long position, VectorCallback callback) {
        core.checkThread("FileHandle.readv");
        Arguments.position(position);
        return vector(false, targets, position, callback);
    }

    /** Reads into the buffers where the last transfer without a position ended. */
    public Operation readv(List<Buffer> targets, VectorCallback callback) {
        core.checkThread("FileHandle.readv");
        return vector(false, targets, Transfer.SEQUENTIAL, callback);
    }

    private Operation vector(
            boolean write, List<Buffer> buffers, long position, VectorCallback callback) {
        Arguments.buffers(buffers);
        Arguments.callback(callback);
        return enqueue(new VectorTransfer(this, write, buffers, position, callback));
    }

    /**
     * Reads from where the last transfer without a position ended to the end of the file, which
     * stays open; errors as of {@link Fs#readFile}.
     */
    public Operation readFile(Callback<byte[]> callback) {
        check("FileHandle.readFile", callback);
        return enqueue(new ReadRest(this, null, callback));
    }

    /** Reads the rest of the file as text. */
    public Operation readFile(Charset charset, Callback<String> callback) {
        check("FileHandle.readFile", callback);
        Arguments.notNull(charset, "charset");
        return enqueue(new ReadRest(this, charset, callback));
    }

    // ---- writing

    /**
     * Writes the whole buffer at {@code position}. The buffer is kept until the callback returns:
     * it may be released right after this call, but not changed before the callback.
     */
    public Operation write(Buffer source, long position, WriteCallback callback) {
        check("FileHandle.write", callback);
        Arguments.notNull(source, "source");
        Arguments.position(position);
        return core.operation(SlotCalls.submit(this, Op.WRITE, source, position, 0, callback));
    }

    /** Writes the whole buffer where the last transfer without a position ended. */
    public Operation write(Buffer source, WriteCallback callback) {
        check("FileHandle.write", callback);
        Arguments.notNull(source, "source");
        return enqueue(new BufferTransfer(this, source, callback));
    }

    /** Writes a whole array, which must not change before the callback, at {@code position}. */
    public Operation write(byte[] source, long position, WriteCallback callback) {
        check("FileHandle.write", callback);
        Arguments.notNull(source, "source");
        Arguments.position(position);
        return enqueue(new ArrayTransfer(this, source, position, callback));
    }

    /** Writes a whole array where the last transfer without a position ended. */
    public Operation write(byte[] source, WriteCallback callback) {
        check("FileHandle.write", callback);
        Arguments.notNull(source, "source");
        return enqueue(new ArrayTransfer(this, source, Transfer.SEQUENTIAL, callback));
    }

    /** Writes a text, as UTF-8, at {@code position}; the callback counts bytes. */
    public Operation write(String text, long position, WriteCallback callback) {
        Arguments.notNull(text, "text");
        return write(text.getBytes(StandardCharsets.UTF_8), position, callback);
    }

    /** Writes a text, as UTF-8, where the last transfer without a position ended. */
    public Operation write(String text, WriteCallback callback) {
        Arguments.notNull(text, "text");
        return write(text.getBytes(StandardCharsets.UTF_8), callback);
    }

    /** Writes all of the buffers, one behind the other, at {@code position}. */
    public Operation writev(List<Buffer> sources, long position, VectorCallback callback) {
        core.checkThread("FileHandle.writev");
        Arguments.position(position);
        return vector(true, sources, position, callback);
    }

    /** Writes all of the buffers where the last transfer without a position ended. */
    public Operation writev(List<Buffer> sources, VectorCallback callback) {
        core.checkThread("FileHandle.writev");
        return vector(true, sources, Transfer.SEQUENTIAL, callback);
    }

    /**
     * Writes the array where the last transfer without a position ended; what is behind it in the
     * file stays, as with Node's.
     */
    public Operation writeFile(byte[] content, Done callback) {
        Arguments.callback(callback);
        return write(content, (err, bytes) -> callback.call(err));
    }

    /** Writes a text, as UTF-8; see {@link #writeFile(byte[], Done)}. */
    public Operation writeFile(String text, Done callback) {
        Arguments.notNull(text, "text");
        return writeFile(text.getBytes(StandardCharsets.UTF_8), callback);
    }

    /**
     * Writes the array where the last transfer without a position ended; of the options {@link
     * WriteOptions#flush} counts, an fsync behind the write, and flags and mode have no meaning.
     */
    public Operation writeFile(byte[] content, WriteOptions options, Done callback) {
        check("FileHandle.writeFile", callback);
        Arguments.notNull(content, "content");
        Arguments.notNull(options, "options");
        return WriteRest.array(this, content, options.flush(), callback);
    }

    /**
     * Writes the chunks where the last transfer without a position ended, one after the other; see
     * {@link Fs#writeFile(Path, Iterable, WriteOptions, Done)}. The file stays open, also when the
     * iterator throws.
     */
    public <T> Operation writeFile(Iterable<T> chunks, Done callback) {
        check("FileHandle.writeFile", callback);
        return WriteRest.chunks(this, new Chunks(chunks), false, callback);
    }

    /**
     * The same as {@link #writeFile(byte[], Done)}: it is {@link OpenFlag#APPEND} that makes writes
     * go to the end.
     */
    public Operation appendFile(byte[] content, Done callback) {
        return writeFile(content, callback);
    }

    /** The same as {@link #writeFile(byte[], WriteOptions, Done)}. */
    public Operation appendFile(byte[] content, WriteOptions options, Done callback) {
        return writeFile(content, options, callback);
    }

    /** The same as {@link #writeFile(String, Done)}. */
    public Operation appendFile(String text, Done callback) {
        return writeFile(text, callback);
    }

    /**
     * Writes the whole buffer at {@code position} and waits until the data is on the device: a
     * write and an fdatasync(2), linked, so that the loop is not asked in between. The callback
     * hears of the first that fails, with the bytes written until then; see {@link #write(Buffer,
     * long, WriteCallback)} and {@link #sync} for both.
     */
    public Operation writeAndSync(Buffer source, long position, WriteCallback callback) {
        check("FileHandle.writeAndSync", callback);
        Arguments.notNull(source, "source");
        Arguments.position(position);
        return new WriteAndSync(this, source.retain(), position, callback).start();
    }

    /** Writes a copy of the array; see {@link #writeAndSync(Buffer, long, WriteCallback)}. */
    public Operation writeAndSync(byte[] source, long position, WriteCallback callback) {
        check("FileHandle.writeAndSync", callback);
        Arguments.notNull(source, "source");
        Arguments.position(position);
        Buffer copy = core.reactor().buffer(source.length);
        copy.put(0, source, 0, source.length);
        return new WriteAndSync(this, copy, position, callback).start();
    }

    /** Writes a text, as UTF-8; see {@link #writeAndSync(Buffer, long, WriteCallback)}. */
    public Operation writeAndSync(String text, long position, WriteCallback callback) {
        Arguments.notNull(text, "text");
        return writeAndSync(text.getBytes(StandardCharsets.UTF_8), position, callback);
    }

    /** A write with its sync begins. */
    void syncing() {
        transfers++;
    }

    /** A write with its sync is over. */
    void synced(boolean refused) {
        if (!refused) {
            transfers--;
        }
        ended();
    }

    /** A sync has failed: see {@link #sync}. */
    void syncFailed(int result, @Nullable ReactorException err) {
        boolean stopped = result == -ErrnoCode.ECANCELED || result == -ErrnoCode.ETIMEDOUT;
        if (!stopped && syncFailure == null) {
            syncFailure = err;
        }
    }

    /** The sync that failed, if one has. */
    @Nullable ReactorException syncFailure() {
        return syncFailure;
    }

    Operation enqueue(Transfer transfer) {
        if (!isOpen()) {
            transfer.refuse(-ErrnoCode.EBADF);
            return transfer;
        }
        transfers++;
        transfer.counted();
        if (transfer.isSequential()) {
            sequence.add(transfer);
        } else if (sequence.isSeekable()) {
            transfer.start();
        } else {
            transfer.refuse(-ErrnoCode.ESPIPE);
        }
        return transfer;
    }

    /** A transfer that was not refused because of the close is over. */
    void transferred(Transfer transfer, long bytes) {
        transfers--;
        sequence.ended(transfer, bytes);
    }

    // ---- the rest

    /**
     * Waits until data and metadata are on the device (fsync(2)). Once it has failed it fails for
     * ever, with the same error: the kernel has dropped the pages it could not write, and would
     * report success the next time.
     */
    public Operation sync(Done callback) {
        check("FileHandle.sync", callback);
        return core.operation(SlotCalls.submit(this, Op.FSYNC, null, 0, 0, callback));
    }

    /** Waits until the data is on the device (fdatasync(2)); see {@link #sync}. */
    public Operation datasync(Done callback) {
        check("FileHandle.datasync", callback);
        int flags = SqeLayout.IORING_FSYNC_DATASYNC;
        return core.operation(SlotCalls.submit(this, Op.FSYNC, null, 0, flags, callback));
    }

    /** Asks for the file's metadata. */
    public Operation stat(Callback<Stats> callback) {
        check("FileHandle.stat", callback);
        return core.operation(SlotCalls.submit(this, Op.STATX, null, 0, 0, callback));
    }

    // ---- locks

    /**
     * Locks a range, waiting for who holds it; what this handle holds of it is replaced. Only those
     * who ask for locks are kept out, other handles of this program too. A lock ends with {@link
     * #unlock}, or with the handle.
     *
     * <p>Who waits is not in a queue: the lock is asked for again and again, at most 100 ms apart,
     * and keeps the loop alive. Closing the handle ends the wait with ECANCELED. A shared lock
     * needs a file open for reading, an exclusive one for writing: else EBADF.
     */
    public Operation lock(LockRange range, Done callback) {
        core.checkThread("FileHandle.lock");
        return FileLock.start(this, FileLock.Kind.LOCK, range, callback);
    }

    /** Locks a range if nobody holds it: true when it is locked now; see {@link #lock}. */
    public Operation tryLock(LockRange range, Callback<Boolean> callback) {
        core.checkThread("FileHandle.tryLock");
        return FileLock.start(this, FileLock.Kind.TRY, range, callback);
    }

    /** Ends what this handle has locked of a range. */
    public Operation unlock(LockRange range, Done callback) {
        core.checkThread("FileHandle.unlock");
        return FileLock.start(this, FileLock.Kind.UNLOCK, range, callback);
    }

    /** The lock is asked for again later; the close waits until {@link #waitsNoLonger}. */
    void waits(FileLock lock) {
        transfers++;
        waitingLocks.add(lock);
    }

    void waitsNoLonger(FileLock lock) {
        transfers--;
        waitingLocks.remove(lock);
    }

    /**
     * What transfers of a file opened with {@link OpenFlag#DIRECT} must be multiples of; null for
     * other files, and where the file system does not say. A transfer that is not aligned fails
     * with {@link DirectAlignment#ERROR_CODE}.
     */
    public @Nullable DirectAlignment directAlignment() {
        return alignment;
    }

    boolean admits(long address, long length, long at) {
        return alignment == null || alignment.admits(address, length, at);
    }

    // ---- streams

    /** Reads the file as a stream from its position on; it is closed at the end. */
    public ReadStream createReadStream() {
        return createReadStream(ReadStreamOptions.defaults());
    }

    /** Reads the file as a stream; flags and mode of the options have no meaning here. */
    public ReadStream createReadStream(ReadStreamOptions options) {
        core.checkThread("FileHandle.createReadStream");
        Arguments.notNull(options, "options");
        return ReadStream.of(this, options);
    }

    /** Writes the file as a stream from its position on; it is closed at the end. */
    public WriteStream createWriteStream() {
        return createWriteStream(WriteStreamOptions.defaults());
    }

    /** Writes the file as a stream; flags and mode of the options have no meaning here. */
    public WriteStream createWriteStream(WriteStreamOptions options) {
        core.checkThread("FileHandle.createWriteStream");
        Arguments.notNull(options, "options");
        return WriteStream.of(this, options);
    }

    /** The file's lines, from its position on; it is closed behind the last one. */
    public Lines readLines(Charset charset) {
        Arguments.notNull(charset, "charset");
        return createReadStream().lines(charset);
    }

    // ---- the end

    /**
     * Closes the file when the operations under way are done; those that come later fail with
     * EBADF. A second close hears the first one's outcome. What waits for a FIFO or a terminal can
     * wait for ever: cancel it.
     */
    public void close(Done callback) {
        check("FileHandle.close", callback);
        FdClose asked = close;
        if (asked == null) {
            asked = new FdClose(core, fd);
            close = asked;
            List.copyOf(waitingLocks).forEach(FileLock::handleCloses);
            asked.tell(callback);
            closeHandlers.forEach(asked::tell);
        } else {
            asked.tell(callback);
        }
        ended();
    }

    /**
     * Calls {@code handler} once the file is closed, by whomever, a stream or {@link #close}, with
     * the error of the close, if any. A file that is still open when the reactor ends, or that was
     * dropped, tells nobody.
     */
    public FileHandle onClose(Done handler) {
        check("FileHandle.onClose", handler);
        if (close == null) {
            closeHandlers.add(handler);
        } else {
            close.tell(handler);
        }
        return this;
    }

    /** An operation has ended: it may have been the one that the close waits for. */
    void ended() {
        if (close != null && fd.inFlight() == 0 && transfers == 0) {
            close.submit();
        }
    }

    // ---- what it is

    private void check(String call, Object callback) {
        core.checkThread(call);
        Arguments.callback(callback);
    }

    Fd descriptor() {
        return fd;
    }

    /**
     * The descriptor's number, to look at; -1 once {@link #close} was called. Who wants one to use
     * asks {@link #duplicate}.
     */
    public int fd() {
        return isOpen() ? fd.number() : -1;
    }

    Sequence sequence() {
        return sequence;
    }

    /** The path it was opened by. */
    public Path path() {
        return path;
    }

    /**
     * Where the next transfer without a position will start, once those under way are done; -1 when
     * the file has no positions, or is closed.
     */
    public long position() {
        core.checkThread("FileHandle.position");
        return close != null && close.isSubmitted() ? -1 : sequence.position();
    }

    /** True until {@link #close} is called. */
    public boolean isOpen() {
        return close == null;
    }

    @Override
    public String toString() {
        return "FileHandle[" + path + ", " + (isOpen() ? fd : "closed") + "]";
    }
}
