package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrnoTest {
    @ParameterizedTest
    @CsvSource({
        "1, EPERM, operation not permitted",
        "2, ENOENT, no such file or directory",
        "5, EIO, i/o error",
        "9, EBADF, bad file descriptor",
        "11, EAGAIN, resource temporarily unavailable",
        "13, EACCES, permission denied",
        "14, EFAULT, bad address in system call argument",
        "16, EBUSY, resource busy or locked",
        "17, EEXIST, file already exists",
        "18, EXDEV, cross-device link not permitted",
        "21, EISDIR, illegal operation on a directory",
        "24, EMFILE, too many open files",
        "26, ETXTBSY, text file is busy",
        "28, ENOSPC, no space left on device",
        "32, EPIPE, broken pipe",
        "39, ENOTEMPTY, directory not empty",
        "40, ELOOP, too many symbolic links encountered",
        "62, ETIME, timer expired",
        "95, ENOTSUP, operation not supported on socket",
        "98, EADDRINUSE, address already in use",
        "104, ECONNRESET, connection reset by peer",
        "110, ETIMEDOUT, connection timed out",
        "111, ECONNREFUSED, connection refused",
        "122, EDQUOT, disk quota exceeded",
        "125, ECANCELED, operation canceled",
        "133, EHWPOISON, memory page has hardware error",
    })
    void numbersAndTexts_areThoseOfLinuxAndNode(int number, Errno errno, String text) {
        assertEquals(number, errno.number());
        assertEquals(text, errno.text());
    }

    @ParameterizedTest
    @EnumSource
    void of_findsEveryConstantByEitherSign(Errno errno) {
        assertSame(errno, Errno.of(errno.number()));
        assertSame(errno, Errno.of(-errno.number()));
    }

    @ParameterizedTest
    // 41 and 58 are the holes of the kernel's table, 512 and above never leave the kernel.
    @ValueSource(ints = {0, 41, 58, 134, 512, 4095, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void of_givesUnknownForOtherNumbers(int number) {
        assertSame(Errno.UNKNOWN, Errno.of(number));
        assertSame(Errno.UNKNOWN, Errno.of(-number));
    }

    @Test
    void unknown_readsAsInNode() {
        assertEquals(0, Errno.UNKNOWN.number());
        assertEquals("UNKNOWN", Errno.UNKNOWN.name());
        assertEquals("unknown error", Errno.UNKNOWN.text());
    }

    @Test
    void numbersAndTexts_areUnique() {
        Map<Integer, Errno> numbers = new HashMap<>();
        Map<String, Errno> texts = new HashMap<>();
        for (Errno errno : Errno.values()) {
            assertNull(numbers.put(errno.number(), errno), () -> "number of " + errno);
            assertNull(texts.put(errno.text(), errno), () -> "text of " + errno);
        }
    }

    @Test
    void constants_standInTheOrderOfTheirNumbers() {
        int previous = 0;
        for (Errno errno : Errno.values()) {
            if (errno != Errno.UNKNOWN) {
                assertTrue(errno.number() > previous, errno::name);
                previous = errno.number();
            }
        }
    }
}
