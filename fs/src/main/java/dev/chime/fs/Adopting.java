package dev.chime.fs;

import dev.chime.reactor.Descriptor;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.HeldDescriptor;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Sys;
import java.nio.file.Path;

/** Makes an open file of a descriptor that somebody else has opened. */
final class Adopting {
    private Adopting() {}

    static FileHandle adopt(Core core, Descriptor file) {
        core.checkThread("FileHandle.adopt");
        Arguments.notNull(file, "file");
        int number = HeldDescriptor.check(core, file).number();
        if (file.isSocket()) {
            throw new IllegalArgumentException(
                    file + " is a socket: Net.adopt or Server.adopt takes it");
        }
        int bits = (int) Math.max(0, core.syscall(Sys.FCNTL, number, Const.F_GETFL, 0));
        Fd fd = HeldDescriptor.take(core, file);
        FileHandle handle = new FileHandle(core, fd, Path.of("/proc/self/fd/" + number), bits);
        handle.sequence().startWhereTheKernelStands();
        return handle;
    }
}
