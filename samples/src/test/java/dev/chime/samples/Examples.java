package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The Java examples of a Markdown page, each a program of its own. */
final class Examples {
    private static final String IMPORTS =
            """
            import static java.nio.charset.StandardCharsets.UTF_8;
            import dev.chime.fs.*;
            import dev.chime.net.*;
            import dev.chime.net.dns.*;
            import dev.chime.net.http.*;
            import dev.chime.net.tls.*;
            import dev.chime.net.ws.*;
            import dev.chime.reactor.*;
            import dev.chime.reactor.stream.*;
            import dev.chime.reactor.uring.*;
            import java.nio.file.Path;
            """;

    private static final Pattern BLOCK =
            Pattern.compile("```java\n(.*?)```\n(?:```text\n(.*?)```\n)?", Pattern.DOTALL);

    /**
     * One of them.
     *
     * @param name of its class
     * @param code without imports
     * @param output the text that follows it on the page; null when there is none
     */
    record Example(String name, String code, String output) {}

    private Examples() {}

    static List<Example> of(Path page) throws IOException {
        List<Example> examples = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(page));
        while (block.find()) {
            String name = "Example" + examples.size();
            examples.add(new Example(name, block.group(1), block.group(2)));
        }
        assertFalse(examples.isEmpty(), page + " has examples");
        return examples;
    }

    /** Compiles them, each a class that the others have nothing to do with, to {@code folder}. */
    static void compile(List<Example> examples, Path folder) {
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        List<String> options =
                List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
        List<JavaFileObject> sources = examples.stream().map(Examples::source).toList();
        ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, problems, options, null, sources)
                .call();
        List<?> errors =
                problems.getDiagnostics().stream()
                        .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
                        .toList();
        assertEquals(List.of(), errors);
    }

    private static JavaFileObject source(Example example) {
        URI place = URI.create("string:///" + example.name() + ".java");
        return new SimpleJavaFileObject(place, JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return IMPORTS + example.code();
            }
        };
    }
}
