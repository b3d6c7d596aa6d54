package dev.chime.samples.generations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The structs of both asynchronous interfaces are as a C compiler says. */
class AioLayoutTest {
    @TempDir Path folder;

    private static Map<String, Integer> expected() {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        numbers.put("sizeof(struct iocb)", KernelAio.IOCB_BYTES);
        numbers.put("offsetof(struct iocb, aio_data)", KernelAio.AIO_DATA);
        numbers.put("offsetof(struct iocb, aio_lio_opcode)", KernelAio.AIO_LIO_OPCODE);
        numbers.put("offsetof(struct iocb, aio_fildes)", KernelAio.AIO_FILDES);
        numbers.put("offsetof(struct iocb, aio_buf)", KernelAio.AIO_BUF);
        numbers.put("offsetof(struct iocb, aio_nbytes)", KernelAio.AIO_NBYTES);
        numbers.put("offsetof(struct iocb, aio_offset)", KernelAio.AIO_OFFSET);
        numbers.put("IOCB_CMD_PREAD", (int) KernelAio.IOCB_CMD_PREAD);
        numbers.put("sizeof(struct io_event)", KernelAio.EVENT_BYTES);
        numbers.put("offsetof(struct io_event, data)", KernelAio.EVENT_DATA);
        numbers.put("offsetof(struct io_event, res)", KernelAio.EVENT_RES);
        numbers.put("SYS_io_setup", KernelAio.SYS_IO_SETUP);
        numbers.put("SYS_io_destroy", KernelAio.SYS_IO_DESTROY);
        numbers.put("SYS_io_submit", KernelAio.SYS_IO_SUBMIT);
        numbers.put("SYS_io_getevents", KernelAio.SYS_IO_GETEVENTS);
        numbers.put("SYS_clock_gettime", CpuClock.SYS_CLOCK_GETTIME);
        numbers.put("CLOCK_PROCESS_CPUTIME_ID", CpuClock.CLOCK_PROCESS_CPUTIME_ID);
        numbers.put("POSIX_FADV_RANDOM", OpenFile.RANDOM);
        numbers.put("POSIX_FADV_DONTNEED", OpenFile.DONTNEED);
        numbers.put("sizeof(struct aiocb)", PosixAio.AIOCB_BYTES);
        numbers.put("offsetof(struct aiocb, aio_fildes)", PosixAio.AIO_FILDES);
        numbers.put("offsetof(struct aiocb, aio_buf)", PosixAio.AIO_BUF);
        numbers.put("offsetof(struct aiocb, aio_nbytes)", PosixAio.AIO_NBYTES);
        numbers.put(
                "offsetof(struct aiocb, aio_sigevent.sigev_notify)", PosixAio.AIO_SIGEVENT_NOTIFY);
        numbers.put("offsetof(struct aiocb, aio_offset)", PosixAio.AIO_OFFSET);
        numbers.put("SIGEV_NONE", PosixAio.SIGEV_NONE);
        return numbers;
    }

    @Test
    void theLocalCompiler_agrees() throws Exception {
        assumeTrue(run("gcc", "--version") == 0, "no gcc on the PATH");
        StringBuilder source =
                new StringBuilder(
                        """
                        #include <aio.h>
                        #include <fcntl.h>
                        #include <linux/aio_abi.h>
                        #include <signal.h>
                        #include <stddef.h>
                        #include <stdio.h>
                        #include <sys/syscall.h>
                        #include <time.h>
                        int main(void) {
                        """);
        expected()
                .keySet()
                .forEach(what ->
                        source.append("printf(\"%d\\n\", (int) (").append(what).append("));\n"));
        Files.writeString(folder.resolve("aio.c"), source.append("}\n"));
        assumeTrue(run("gcc", "-E", "-o", "aio.i", "aio.c") == 0, "no headers of the kernel here");

        assertEquals(0, run("gcc", "-Wall", "-Werror", "-o", "aio", "aio.c"), output());
        assertEquals(0, run(folder.resolve("aio").toString()), output());

        Map<String, Integer> compiled = new LinkedHashMap<>();
        var numbers = output().lines().iterator();
        expected().keySet().forEach(what -> compiled.put(what, Integer.valueOf(numbers.next())));
        assertEquals(expected(), compiled);
    }

    private int run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("output").toFile())
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output"));
    }
}
