package dev.chime.samples.kv;

import dev.chime.fs.FileHandle;

/** An open log. It is closed when it is retired and nobody reads it any more. */
final class Log {
    final FileHandle file;
    final long salt;

    /** How far it is on the disk: where the next frame goes. */
    long end;

    private int readers;
    private boolean retired;

    Log(FileHandle file, long salt, long end) {
        this.file = file;
        this.salt = salt;
        this.end = end;
    }

    void readerCame() {
        readers++;
    }

    void readerWent() {
        readers--;
        closeIfUnused();
    }

    void retire() {
        retired = true;
        closeIfUnused();
    }

    private void closeIfUnused() {
        if (retired && readers == 0) {
            file.close(err -> {}); // everything in it is on the disk, or was never promised
        }
    }
}
