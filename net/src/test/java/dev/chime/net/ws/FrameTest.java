package dev.chime.net.ws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Frames by table: the examples of RFC 6455, section 5.7, and what is against it. */
class FrameTest {
    /** What a decoder makes of bytes, in pieces of each size; all must agree. */
    private static List<String> decode(Reactor reactor, boolean fromClient, int most, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        List<String> first = null;
        for (int piece = 1; piece <= bytes.length; piece++) {
            List<String> events = new ArrayList<>();
            FrameDecoder decoder = new FrameDecoder(fromClient, most, recorder(events));
            try {
                for (int at = 0; at < bytes.length; at += piece) {
                    int count = Math.min(piece, bytes.length - at);
                    Buffer buffer = reactor.buffer(count);
                    buffer.put(0, bytes, at, count);
                    try {
                        assertEquals(count, decoder.decode(buffer));
                    } finally {
                        buffer.release();
                    }
                }
            } catch (ProtocolError e) {
                events.add(e.code() + " " + e.closeCode());
            }
            if (first == null) {
                first = events;
            }
            assertEquals(first, events, "in pieces of " + piece);
        }
        return first;
    }

    private static FrameDecoder.Sink recorder(List<String> events) {
        return new FrameDecoder.Sink() {
            @Override
            public void message(boolean text, byte[] data) {
                events.add(
                        text
                                ? "text " + new String(data, StandardCharsets.UTF_8)
                                : "binary " + data.length);
            }

            @Override
            public void control(int opcode, byte[] data) throws ProtocolError {
                events.add(
                        switch (opcode) {
                            case FrameDecoder.PING -> "ping " + new String(data);
                            case FrameDecoder.PONG -> "pong " + new String(data);
                            default ->
                                    "close "
                                            + FrameDecoder.closeCode(data)
                                            + " "
                                            + FrameDecoder.closeReason(data);
                        });
            }

            @Override
            public boolean wantsMore() {
                return true;
            }
        };
    }

    private static final String[][] FROM_SERVER = {
        {"81 05 48 65 6c 6c 6f", "text Hello"},
        {"01 03 48 65 6c 80 02 6c 6f", "text Hello"},
        {"01 03 48 65 6c 89 01 21 80 02 6c 6f", "ping !", "text Hello"},
        {"89 05 48 65 6c 6c 6f", "ping Hello"},
        {"8a 00", "pong "},
        {"82 7e 0100" + "00".repeat(256), "binary 256"},
        {
            "82 7f 0000000000010000" + "00".repeat(65_536 / 512), /* cut off */
        },
        {"81 00", "text "},
        {"01 00 00 00 80 00", "text "},
        {"81 04 f0 9f 98 80 88 00", "text \ud83d\ude00", "close 1005 "},
        {"01 02 f0 9f 80 02 98 80", "text \ud83d\ude00"},
        {"88 02 03 e8", "close 1000 "},
        {"88 05 0f a1 62 79 65", "close 4001 bye"},
        {"91 00", "WS_ERR_UNEXPECTED_RSV 1002"},
        {"c1 00", "WS_ERR_UNEXPECTED_RSV 1002"},
        {"83 00", "WS_ERR_INVALID_OPCODE 1002"},
        {"8b 00", "WS_ERR_INVALID_OPCODE 1002"},
        {"80 00", "WS_ERR_INVALID_OPCODE 1002"},
        {"01 00 81 00", "WS_ERR_INVALID_OPCODE 1002"},
        {"09 00", "WS_ERR_EXPECTED_FIN 1002"},
        {"89 7e 00 7e", "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH 1002"},
        {"81 80 00 00 00 00", "WS_ERR_UNEXPECTED_MASK 1002"},
        {"81 01 ff", "WS_ERR_INVALID_UTF8 1007"},
        {"81 02 c0 80", "WS_ERR_INVALID_UTF8 1007"},
        {"81 03 ed a0 80", "WS_ERR_INVALID_UTF8 1007"},
        {"81 04 f4 90 80 80", "WS_ERR_INVALID_UTF8 1007"},
        {"81 01 c3", "WS_ERR_INVALID_UTF8 1007"},
        {"01 01 c3 00 01 41", "WS_ERR_INVALID_UTF8 1007"},
        {"88 01 03", "close", "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH 1002"},
        {"88 02 03 ed", "close", "WS_ERR_INVALID_CLOSE_CODE 1002"},
        {"88 02 03 e7", "close", "WS_ERR_INVALID_CLOSE_CODE 1002"},
        {"88 02 13 88", "close", "WS_ERR_INVALID_CLOSE_CODE 1002"},
        {"88 03 03 e8 ff", "close", "WS_ERR_INVALID_UTF8 1007"},
        {"82 7e 03 e9", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH 1009"},
        {"82 7f 80 00 00 00 00 00 00 00", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH 1009"},
        {"02 01 00 80 7e 03 e8", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH 1009"},
    };

    @EngineTest
    void framesOfServers(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    for (String[] row : FROM_SERVER) {
                        List<String> wanted = new ArrayList<>(List.of(row).subList(1, row.length));
                        wanted.remove("close"); // its content is looked at before it is told
                        int most = row[0].startsWith("82 7f 00") ? 1 << 20 : 1000;
                        assertEquals(wanted, decode(reactor, false, most, row[0]), row[0]);
                    }
                });
    }

    @EngineTest
    void framesOfClients(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    assertEquals(
                            List.of("text Hello"),
                            decode(reactor, true, 1000, "81 85 37 fa 21 3d 7f 9f 4d 51 58"));
                    assertEquals(
                            List.of("pong Hello"),
                            decode(reactor, true, 1000, "8a 85 37 fa 21 3d 7f 9f 4d 51 58"));
                    assertEquals(
                            List.of("WS_ERR_EXPECTED_MASK 1002"),
                            decode(reactor, true, 1000, "81 00"));
                });
    }

    /** Every length that is written in another way, there and back. */
    @EngineTest
    void whatIsEncoded_isDecoded(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    for (boolean client : new boolean[] {true, false}) {
                        FrameEncoder encoder = new FrameEncoder(client);
                        for (int length : new int[] {0, 1, 125, 126, 65_535, 65_536, 200_000}) {
                            byte[] payload = new byte[length];
                            for (int i = 0; i < length; i++) {
                                payload[i] = (byte) (i * 7);
                            }
                            byte[] frame = encoder.frame(FrameDecoder.BINARY, payload);
                            List<byte[]> heard = new ArrayList<>();
                            FrameDecoder decoder =
                                    new FrameDecoder(
                                            client,
                                            200_000,
                                            new FrameDecoder.Sink() {
                                                @Override
                                                public void message(boolean text, byte[] data) {
                                                    assertFalse(text);
                                                    heard.add(data);
                                                }

                                                @Override
                                                public void control(int opcode, byte[] data) {
                                                    throw new AssertionError("control");
                                                }

                                                @Override
                                                public boolean wantsMore() {
                                                    return true;
                                                }
                                            });
                            Buffer buffer = reactor.buffer(frame.length);
                            buffer.put(0, frame, 0, frame.length);
                            assertEquals(frame.length, decoder.decode(buffer));
                            buffer.release();
                            assertEquals(1, heard.size());
                            assertArrayEquals(payload, heard.getFirst());
                        }
                    }
                });
    }

    @Test
    void utf8_asTheJdkSeesIt() {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                for (int third : new int[] {0x41, 0x80, 0xBF}) {
                    byte[] bytes = {
                        (byte) first, (byte) second, (byte) third, (byte) 0x80, 0x41, 0x42
                    };
                    Utf8Check check = new Utf8Check();
                    boolean ours = check.accept(bytes, 0, bytes.length) && check.isComplete();
                    boolean theirs;
                    try {
                        decoder.decode(ByteBuffer.wrap(bytes));
                        theirs = true;
                    } catch (CharacterCodingException e) {
                        theirs = false;
                    }
                    assertEquals(theirs, ours, HexFormat.of().formatHex(bytes));
                }
            }
        }
        assertTrue(new Utf8Check().isComplete());
    }
}
