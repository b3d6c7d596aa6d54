package dev.chime.fs;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.DirentLayout;

/** What kind of file a name stands for. */
public enum FileType {
    /** A regular file. */
    FILE,
    /** A directory. */
    DIRECTORY,
    /** A symbolic link. */
    SYMLINK,
    /** A FIFO, also called a named pipe. */
    FIFO,
    /** A Unix socket. */
    SOCKET,
    /** A block device. */
    BLOCK_DEVICE,
    /** A character device. */
    CHARACTER_DEVICE,
    /** Something that this list does not have, or a file that was gone when it was asked for. */
    UNKNOWN;

    /** By {@code DT_*}, as directories note it. */
    static FileType ofEntry(int type) {
        return switch (type) {
            case DirentLayout.DT_REG -> FILE;
            case DirentLayout.DT_DIR -> DIRECTORY;
            case DirentLayout.DT_LNK -> SYMLINK;
            case DirentLayout.DT_FIFO -> FIFO;
            case DirentLayout.DT_SOCK -> SOCKET;
            case DirentLayout.DT_BLK -> BLOCK_DEVICE;
            case DirentLayout.DT_CHR -> CHARACTER_DEVICE;
            default -> UNKNOWN;
        };
    }

    /** By {@code S_IF*}, as metadata has it. */
    static FileType ofMode(int mode) {
        return switch (mode & Const.S_IFMT) {
            case Const.S_IFREG -> FILE;
            case Const.S_IFDIR -> DIRECTORY;
            case Const.S_IFLNK -> SYMLINK;
            case Const.S_IFIFO -> FIFO;
            case Const.S_IFSOCK -> SOCKET;
            case Const.S_IFBLK -> BLOCK_DEVICE;
            case Const.S_IFCHR -> CHARACTER_DEVICE;
            default -> UNKNOWN;
        };
    }
}
