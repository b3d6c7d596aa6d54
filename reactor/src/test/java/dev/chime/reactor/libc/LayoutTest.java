package dev.chime.reactor.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/**
 * Holds every number of the kernel's ABI against what a C compiler says of it.
 *
 * <p>{@code layouts.c} prints the numbers; the tables {@code layouts-<arch>.tsv} are its output
 * with the headers of kernel 6.1, a line {@code Class.FIELD<TAB>value} each.
 */
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class LayoutTest {
    /** Classes of the package that are tables of numbers without a struct. */
    private static final Set<String> TABLES =
            Set.of("Opcode", "RegisterOp", "Sys", "Const", "ErrnoCode");

    /** Constants that the tables lack because the headers they were made with do not know them. */
    private static final Set<String> NEWER_THAN_THE_HEADERS =
            Set.of(
                    "BufRegLayout.FLAG_INC",
                    "BufRegLayout.FLAG_MMAP",
                    "CqeLayout.F_32",
                    "CqeLayout.F_BUF_MORE",
                    "CqeLayout.F_SKIP",
                    "Opcode.BIND",
                    "Opcode.EPOLL_WAIT",
                    "Opcode.FIXED_FD_INSTALL",
                    "Opcode.FTRUNCATE",
                    "Opcode.FUTEX_WAIT",
                    "Opcode.FUTEX_WAITV",
                    "Opcode.FUTEX_WAKE",
                    "Opcode.LISTEN",
                    "Opcode.PIPE",
                    "Opcode.READV_FIXED",
                    "Opcode.READ_MULTISHOT",
                    "Opcode.RECV_ZC",
                    "Opcode.WAITID",
                    "Opcode.WRITEV_FIXED",
                    "RegisterOp.REGISTER_CLOCK",
                    "RegisterOp.REGISTER_CLONE_BUFFERS",
                    "RegisterOp.REGISTER_MEM_REGION",
                    "RegisterOp.REGISTER_NAPI",
                    "RegisterOp.REGISTER_PBUF_STATUS",
                    "RegisterOp.REGISTER_QUERY",
                    "RegisterOp.REGISTER_RESIZE_RINGS",
                    "RegisterOp.REGISTER_SEND_MSG_RING",
                    "RegisterOp.REGISTER_USE_REGISTERED_RING",
                    "RegisterOp.REGISTER_ZCRX_IFQ",
                    "RegisterOp.UNREGISTER_NAPI",
                    "RingParamsLayout.ENTER_ABS_TIMER",
                    "RingParamsLayout.ENTER_EXT_ARG_REG",
                    "RingParamsLayout.ENTER_NO_IOWAIT",
                    "RingParamsLayout.FEAT_MIN_TIMEOUT",
                    "RingParamsLayout.FEAT_NO_IOWAIT",
                    "RingParamsLayout.FEAT_RECVSEND_BUNDLE",
                    "RingParamsLayout.FEAT_REG_REG_RING",
                    "RingParamsLayout.FEAT_RW_ATTR",
                    "RingParamsLayout.OFF_PBUF_RING",
                    "RingParamsLayout.OFF_PBUF_SHIFT",
                    "RingParamsLayout.SETUP_CQE_MIXED",
                    "RingParamsLayout.SETUP_HYBRID_IOPOLL",
                    "RingParamsLayout.SETUP_NO_MMAP",
                    "RingParamsLayout.SETUP_NO_SQARRAY",
                    "RingParamsLayout.SETUP_REGISTERED_FD_ONLY",
                    "SqeLayout.IORING_ACCEPT_DONTWAIT",
                    "SqeLayout.IORING_ACCEPT_POLL_FIRST",
                    "SqeLayout.IORING_MSG_RING_FLAGS_PASS",
                    "SqeLayout.IORING_RECVSEND_BUNDLE",
                    "SqeLayout.IORING_TIMEOUT_MULTISHOT",
                    "StatxLayout.STATX_DIO_READ_ALIGN",
                    "StatxLayout.STATX_MNT_ID_UNIQUE",
                    "StatxLayout.STATX_SUBVOL",
                    "StatxLayout.STATX_WRITE_ATOMIC",
                    "StatxLayout.STX_ATOMIC_WRITE_SEGMENTS_MAX",
                    "StatxLayout.STX_ATOMIC_WRITE_UNIT_MAX",
                    "StatxLayout.STX_ATOMIC_WRITE_UNIT_MAX_OPT",
                    "StatxLayout.STX_ATOMIC_WRITE_UNIT_MIN",
                    "StatxLayout.STX_DIO_READ_OFFSET_ALIGN",
                    "StatxLayout.STX_SUBVOL");

    /** No header that a program may include declares it. */
    private static final Set<String> IN_NO_HEADER =
            Set.of("Const.MAX_RW_COUNT", "DirentLayout.ROOM");

    @Test
    void everyRowOfTheTable_isTheJavaConstant() throws Exception {
        Map<Arch, List<String>> wrong = new TreeMap<>();
        for (Arch arch : Arch.values()) {
            List<String> differences = differences(table(arch), constants(arch));
            if (!differences.isEmpty()) {
                wrong.put(arch, differences);
            }
        }
        assertEquals(Map.of(), wrong);
    }

    @Test
    void everyJavaConstant_isInATableOrIsKnownToBeNewer() throws Exception {
        Set<String> unknown = new TreeSet<>(constants(Arch.CURRENT).keySet());
        for (Arch arch : Arch.values()) {
            unknown.removeAll(table(arch).keySet());
        }
        unknown.removeAll(NEWER_THAN_THE_HEADERS);
        unknown.removeAll(IN_NO_HEADER);
        assertEquals(Set.of(), unknown);
    }

    @Test
    void everyExemption_isOfAConstantThatNoTableHas() throws Exception {
        Set<String> stale = new TreeSet<>(NEWER_THAN_THE_HEADERS);
        stale.addAll(IN_NO_HEADER);
        Set<String> needed = new TreeSet<>(constants(Arch.CURRENT).keySet());
        for (Arch arch : Arch.values()) {
            needed.removeAll(table(arch).keySet());
        }
        stale.removeAll(needed);
        assertEquals(Set.of(), stale);
    }

    /**
     * Both are enumerations without a gap, so this holds the numbers newer than the headers too.
     */
    @Test
    void opcodes_areNumberedWithoutAGap() throws Exception {
        Map<String, Long> constants = constants(Arch.CURRENT);
        for (String name : List.of("Opcode.", "RegisterOp.")) {
            List<Integer> numbers =
                    constants.entrySet().stream()
                            .filter(constant -> constant.getKey().startsWith(name))
                            .filter(constant -> !constant.getKey().endsWith("_REGISTERED_RING"))
                            .map(constant -> constant.getValue().intValue())
                            .sorted()
                            .toList();
            assertEquals(IntStream.range(0, numbers.size()).boxed().toList(), numbers, name);
        }
    }

    @Test
    void theLocalCompiler_agrees(@TempDir Path directory) throws Exception {
        Path source = directory.resolve("layouts.c");
        try (InputStream resource = resource("layouts.c")) {
            Files.copy(resource, source);
        }
        assumeTrue(run(directory, "gcc", "--version") == 0, "no gcc on the PATH");
        assumeTrue(
                run(directory, "gcc", "-E", "-o", "layouts.i", "layouts.c") == 0,
                () -> "no kernel headers of 6.1 or newer: " + output(directory));

        assertEquals(
                0,
                run(directory, "gcc", "-Wall", "-Werror", "-o", "layouts", "layouts.c"),
                () -> output(directory));
        assertEquals(
                0,
                run(directory, directory.resolve("layouts").toString()),
                () -> output(directory));
        Map<String, Long> compiled = parse(output(directory));

        assertTrue(compiled.size() > 400, "too few rows: " + compiled.size());
        Map<String, Long> checkedIn = table(Arch.CURRENT);
        Map<String, Long> inBoth = new TreeMap<>(compiled);
        inBoth.keySet().retainAll(checkedIn.keySet());
        assertEquals(List.of(), differences(inBoth, checkedIn));
        // Headers newer than the table's: those rows have the Java constants alone to be held to.
        assertEquals(List.of(), differences(compiled, constants(Arch.CURRENT)));
    }

    @Test
    void archOf_knowsBothNamesOfBoth() {
        assertEquals(Arch.X86_64, Arch.of("Linux", "amd64"));
        assertEquals(Arch.X86_64, Arch.of("Linux", "x86_64"));
        assertEquals(Arch.AARCH64, Arch.of("Linux", "aarch64"));
        assertEquals(Arch.AARCH64, Arch.of("Linux", "arm64"));
    }

    @Test
    void archOf_namesWhatItFoundAndWhatChimeNeeds() {
        assertRefused("riscv64", "Linux", "riscv64");
        assertRefused("Mac OS X", "Mac OS X", "aarch64");
    }

    private static void assertRefused(String found, String osName, String osArch) {
        var refused =
                assertThrows(UnsupportedOperationException.class, () -> Arch.of(osName, osArch));
        String message = String.valueOf(refused.getMessage());
        for (String part : List.of(found, "Chime needs", "Linux", "x86_64", "aarch64")) {
            assertTrue(message.contains(part), message);
        }
    }

    /** One line for each row of {@code expected} that {@code actual} lacks or contradicts. */
    private static List<String> differences(Map<String, Long> expected, Map<String, Long> actual) {
        List<String> differences = new ArrayList<>();
        expected.forEach((name, value) -> {
            Long found = actual.get(name);
            if (found == null) {
                differences.add(name + " is missing, C says " + value);
            } else if (!found.equals(value)) {
                differences.add(name + " is " + found + ", C says " + value);
            }
        });
        return differences;
    }

    private static Map<String, Long> table(Arch arch) throws IOException {
        String name = "layouts-" + arch.name().toLowerCase(Locale.ROOT) + ".tsv";
        try (InputStream resource = resource(name)) {
            return parse(new String(resource.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static InputStream resource(String name) {
        InputStream resource = LayoutTest.class.getResourceAsStream(name);
        assertTrue(resource != null, name);
        return resource;
    }

    private static Map<String, Long> parse(String rows) {
        Map<String, Long> table = new LinkedHashMap<>();
        for (String row : rows.lines().toList()) {
            String[] columns = row.split("\t", -1);
            assertEquals(2, columns.length, row);
            assertEquals(null, table.put(columns[0], unsigned(Long.parseLong(columns[1]))), row);
        }
        return table;
    }

    /**
     * C has its 32-bit flags unsigned and Java has them signed: a negative number is compared as
     * the 32 bits it is made of.
     */
    private static long unsigned(long value) {
        return value < 0 ? value & 0xffffffffL : value;
    }

    /** Every public constant of the package as it is on {@code arch}, {@code Class.FIELD}. */
    private static Map<String, Long> constants(Arch arch) throws Exception {
        Map<String, Long> constants = new TreeMap<>();
        for (Class<?> type : classesOn(arch)) {
            for (Field field : type.getFields()) {
                String name = type.getSimpleName() + "." + field.getName();
                assertTrue(Modifier.isStatic(field.getModifiers()), name);
                assertTrue(Modifier.isFinal(field.getModifiers()), name);
                assertTrue(field.getType().isPrimitive(), name);
                constants.put(name, unsigned(((Number) field.get(null)).longValue()));
            }
        }
        return constants;
    }

    /** The classes of the tables, initialised as if this JVM ran on {@code arch}. */
    private static List<Class<?>> classesOn(Arch arch) throws Exception {
        ClassLoader loader =
                arch == Arch.CURRENT ? LayoutTest.class.getClassLoader() : new OwnCopy();
        String osArch = System.getProperty("os.arch");
        System.setProperty("os.arch", arch.name().toLowerCase(Locale.ROOT));
        try {
            List<Class<?>> classes = new ArrayList<>();
            for (String name : tableClasses()) {
                classes.add(Class.forName(Arch.class.getPackageName() + "." + name, true, loader));
            }
            return classes;
        } finally {
            System.setProperty("os.arch", osArch);
        }
    }

    /** Found by looking, so that a new layout class cannot be forgotten here. */
    private static Set<String> tableClasses() throws Exception {
        Path root = Path.of(Arch.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path packageFolder = root.resolve(Arch.class.getPackageName().replace('.', '/'));
        try (Stream<Path> files = Files.list(packageFolder)) {
            Set<String> names = new TreeSet<>(TABLES);
            files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith("Layout.class"))
                    .map(file -> file.substring(0, file.length() - ".class".length()))
                    .forEach(names::add);
            assertTrue(names.contains("SqeLayout"), names.toString());
            return names;
        }
    }

    /** Defines the package's classes a second time, to initialise them for another machine. */
    private static final class OwnCopy extends ClassLoader {
        OwnCopy() {
            super(LayoutTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(Arch.class.getPackageName() + ".")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            String file = name.substring(name.lastIndexOf('.') + 1) + ".class";
            try (InputStream bytes = Arch.class.getResourceAsStream(file)) {
                if (bytes == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] code = bytes.readAllBytes();
                return defineClass(name, code, 0, code.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    /** Runs a command with its output in a file; -1 when there is no such command. */
    private static int run(Path directory, String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output").toFile())
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    private static String output(Path directory) {
        try {
            return Files.readString(directory.resolve("output"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
