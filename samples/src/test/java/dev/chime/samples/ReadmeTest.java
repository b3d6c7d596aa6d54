package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Op;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows compiles, and what it tabulates is what the code has. */
class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");

    /** Imports that the README leaves out. */
    private static final String IMPORTS =
            """
            import static java.nio.charset.StandardCharsets.UTF_8;
            import dev.chime.fs.*;
            import dev.chime.net.*;
            import dev.chime.net.http.*;
            import dev.chime.reactor.*;
            import dev.chime.reactor.stream.*;
            import java.nio.file.Path;
            """;

    @TempDir Path folder;

    @Test
    void everyExampleCompiles() throws Exception {
        Matcher block =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(README));
        List<JavaFileObject> sources = new ArrayList<>();
        while (block.find()) {
            String name = "Example" + sources.size();
            sources.add(source(name, IMPORTS + block.group(1)));
        }
        assertFalse(sources.isEmpty(), "the README has examples");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();

        for (JavaFileObject one : sources) {
            compiler.getTask(
                            null,
                            null,
                            problems,
                            List.of(
                                    "-d",
                                    folder.toString(),
                                    "-cp",
                                    System.getProperty("java.class.path")),
                            null,
                            List.of(one))
                    .call();
        }

        List<Diagnostic<? extends JavaFileObject>> errors =
                problems.getDiagnostics().stream()
                        .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
                        .toList();
        assertEquals(List.of(), errors);
    }

    private static JavaFileObject source(String name, String text) {
        return new SimpleJavaFileObject(
                URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    @Test
    void tableOfOperations_isTheVocabularys() throws Exception {
        String readme = Files.readString(README);
        for (Op op : Op.values()) {
            if (op == Op.ASYNC_CANCEL || op == Op.LINK_TIMEOUT || op == Op.NOP) {
                continue; // no call of the user's
            }
            String row =
                    "`" + op.name() + "` | " + op.sinceKernel() + " | " + where(op.route()) + " |";
            assertTrue(readme.contains(row), "the README's table has no row with: " + row);
        }
    }

    private static String where(Op.Route route) {
        return switch (route) {
            case WORKER -> "worker thread";
            case INLINE -> "loop thread, at once";
            case READABLE, WRITABLE, POLLED -> "loop thread, with epoll";
        };
    }
}
