package dev.chime.samples.kv;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/** A client of the JDK's own sockets, which reads answers as they stand on the wire. */
public final class Client implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    final Socket socket;

    /** Connects to a port of this host. */
    public Client(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    /** A command as clients send it. */
    public static byte[] command(String... words) {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return text.toString().getBytes(ISO_8859_1);
    }

    /** Sends bytes as they are. */
    public void send(byte[] bytes) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(bytes);
        out.flush();
    }

    /** Sends bytes as they are. */
    public void send(String text) throws IOException {
        send(text.getBytes(ISO_8859_1));
    }

    /** As many characters as {@code count}, fewer only at the end. */
    public String read(int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), ISO_8859_1);
    }

    /** What comes until the server ends the connection. */
    public String readToEnd() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    /** One answer, without what ends its lines; null is no value. */
    public String answer() throws IOException {
        String line = line();
        if (!line.startsWith("$")) {
            return line;
        }
        int length = Integer.parseInt(line.substring(1));
        return length < 0 ? null : read(length + 2).substring(0, length);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = socket.getInputStream().read();
                c != '\n';
                c = socket.getInputStream().read()) {
            if (c < 0) {
                throw new EOFException("after '" + line + "'");
            }
            line.append((char) c);
        }
        return line.substring(0, line.length() - 1);
    }

    /** Sends a command and reads its answer. */
    public String ask(String... words) throws IOException {
        send(command(words));
        return answer();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
