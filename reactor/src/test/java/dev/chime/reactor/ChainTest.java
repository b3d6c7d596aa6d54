package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/** Operations linked to a chain: order, and what happens when a link breaks. */
class ChainTest {
    @TempDir Path directory;

    /** Builds chains, and notes each result by its name. */
    private static final class Chains {
        final Ops ops;
        final List<String> heard = new ArrayList<>();
        Task each = () -> {};

        Chains(Ops ops) {
            this.ops = ops;
        }

        Slot slot(String name, Op op, Fd owner) {
            Slot slot =
                    ops.core.slot(
                            op,
                            (s, result, more) -> {
                                heard.add(name + " " + (result < 0 ? Errno.of(result) : result));
                                each.run();
                            });
            slot.owner = owner;
            return slot;
        }

        Slot transfer(String name, Op op, Fd owner, Chunk memory, int length, long offset) {
            Slot slot = slot(name, op, owner);
            slot.address = memory.address();
            slot.length = length;
            slot.offset = offset;
            return slot;
        }

        void submit(Slot... chain) {
            for (int i = 0; i + 1 < chain.length; i++) {
                chain[i].linked = chain[i + 1];
            }
            ops.core.submit(chain[0]);
        }
    }

    private Fd file(Ops ops, String name) {
        return ops.open(directory.resolve(name).toString(), Const.O_RDWR | Const.O_CREAT);
    }

    /** Runs a body several times in one loop: the ring links what it has seen to work before. */
    private void rounds(Setup setup, int rounds, Round round) {
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            int[] left = {rounds};
            reactor.onBeforeExit(() -> {
                if (left[0] > 0) {
                    round.run(ops, rounds - left[0]--);
                }
            });
        });
    }

    private interface Round {
        void run(Ops ops, int number) throws Exception;
    }

    @KernelSetupTest
    void writeWriteSyncRead_inOrder(Setup setup) throws Exception {
        List<List<String>> all = new ArrayList<>();
        rounds(
                setup,
                3,
                (ops, number) -> {
                    Chains chains = new Chains(ops);
                    all.add(chains.heard);
                    Fd file = file(ops, "file" + number);
                    Chunk memory = ops.core.allocate(64);
                    Chunk back = ops.core.allocate(64);
                    Memory.copy("abcdef".getBytes(), 0, memory.address(), 6);
                    Slot last = chains.transfer("read", Op.READ, file, back, 9, 0);
                    Slot sync = chains.slot("sync", Op.FSYNC, file);
                    chains.submit(
                            chains.transfer("one", Op.WRITE, file, memory, 6, 0),
                            chains.transfer("two", Op.WRITE, file, memory, 3, 6),
                            sync,
                            last);
                    assertEquals(List.of(), chains.heard);
                    ops.core
                            .reactor()
                            .onExit(() -> {
                                byte[] bytes = new byte[9];
                                Memory.copy(back.address(), bytes, 0, 9);
                                assertEquals("abcdefabc", new String(bytes));
                                memory.release();
                                back.release();
                            });
                });
        assertEquals(3, all.size());
        for (List<String> heard : all) {
            assertEquals(List.of("one 6", "two 3", "sync 0", "read 9"), heard);
        }
        assertEquals("abcdefabc", Files.readString(directory.resolve("file2")));
    }

    @KernelSetupTest
    void anErrorCancelsWhatFollows_butNotWhatWasDone(Setup setup) {
        List<List<String>> all = new ArrayList<>();
        rounds(
                setup,
                3,
                (ops, number) -> {
                    Chains chains = new Chains(ops);
                    all.add(chains.heard);
                    Fd file = file(ops, "file");
                    Fd readOnly = ops.open("/dev/zero", Const.O_RDONLY);
                    Chunk memory = ops.core.allocate(64);
                    chains.submit(
                            chains.transfer("good", Op.WRITE, file, memory, 6, 0),
                            chains.transfer("bad", Op.WRITE, readOnly, memory, 6, 0),
                            chains.transfer("third", Op.WRITE, file, memory, 6, 0),
                            chains.slot("fourth", Op.FSYNC, file));
                    ops.core.reactor().onExit(memory::release);
                });
        for (List<String> heard : all) {
            assertEquals(
                    List.of("good 6", "bad EBADF", "third ECANCELED", "fourth ECANCELED"), heard);
        }
    }

    @KernelSetupTest
    void aShortReadBreaksTheChain(Setup setup) throws Exception {
        Files.writeString(directory.resolve("short"), "four");
        List<List<String>> all = new ArrayList<>();
        rounds(
                setup,
                3,
                (ops, number) -> {
                    Chains chains = new Chains(ops);
                    all.add(chains.heard);
                    Fd file = file(ops, "short");
                    Chunk memory = ops.core.allocate(64);
                    chains.submit(
                            chains.transfer("whole", Op.READ, file, memory, 4, 0),
                            chains.transfer("short", Op.READ, file, memory, 10, 0),
                            chains.slot("sync", Op.FSYNC, file));
                    ops.core.reactor().onExit(memory::release);
                });
        for (List<String> heard : all) {
            assertEquals(List.of("whole 4", "short 4", "sync ECANCELED"), heard);
        }
    }

    @KernelSetupTest
    void chainOnAClosingDescriptor_isRefusedWhole(Setup setup) {
        List<String> heard = new ArrayList<>();
        setup.run(reactor -> {
            Chains chains = new Chains(new Ops(reactor));
            Fd file = file(chains.ops, "file");
            Chunk memory = chains.ops.core.allocate(64);
            chains.ops.close(
                    file,
                    result -> {
                        heard.addAll(chains.heard);
                        memory.release();
                    });
            chains.submit(
                    chains.transfer("write", Op.WRITE, file, memory, 6, 0),
                    chains.slot("sync", Op.FSYNC, file));
        });
        assertTrue(heard.isEmpty() || heard.equals(List.of("write EBADF", "sync ECANCELED")));
    }

    @KernelSetupTest
    void chainsBesideOtherOperations_longerThanTheQueue(Setup setup) throws Exception {
        ReactorOptions options = setup.options().entries(4, 8);
        List<String> heard = new ArrayList<>();
        int count = 60;
        setup.run(
                options,
                reactor -> {
                    Chains chains = new Chains(new Ops(reactor));
                    Fd file = file(chains.ops, "file");
                    Chunk memory = chains.ops.core.allocate(64);
                    Memory.copy("x".getBytes(), 0, memory.address(), 1);
                    for (int i = 0; i < count; i++) {
                        reactor.nop(err -> {});
                        int length = 1 + i % 7; // past the queue's four as well
                        Slot[] chain = new Slot[length];
                        for (int j = 0; j < length; j++) {
                            chain[j] =
                                    chains.transfer(
                                            i + "." + j, Op.WRITE, file, memory, 1, i * 7L + j);
                        }
                        chains.submit(chain);
                    }
                    reactor.onExit(() -> {
                        heard.addAll(chains.heard);
                        memory.release();
                    });
                });
        int expected = 0;
        for (int i = 0; i < count; i++) {
            List<String> ofChain = new ArrayList<>();
            for (String name : heard) {
                if (name.startsWith(i + ".")) {
                    ofChain.add(name);
                }
            }
            List<String> order = new ArrayList<>();
            for (int j = 0; j < 1 + i % 7; j++) {
                order.add(i + "." + j + " 1");
            }
            assertEquals(order, ofChain);
            expected += order.size();
        }
        assertEquals(expected, heard.size());
    }

    @KernelSetupTest
    void cancelledAtRandom_everyMemberEndsOnce_andNothingAfterACancelRuns(Setup setup) {
        Random random = new Random(42);
        int rounds = 500;
        int[] checked = {0};
        rounds(
                setup,
                rounds,
                (ops, number) -> {
                    Chains chains = new Chains(ops);
                    Fd file = file(ops, "file");
                    Chunk memory = ops.core.allocate(64);
                    Slot[] chain = new Slot[2 + random.nextInt(4)];
                    int[] generations = new int[chain.length];
                    for (int i = 0; i < chain.length; i++) {
                        chain[i] = chains.transfer("" + i, Op.WRITE, file, memory, 6, 6L * i);
                        generations[i] = chain[i].generation();
                    }
                    chains.submit(chain);
                    int victim = random.nextInt(chain.length);
                    Task cancel =
                            () -> {
                                if (chain[victim].generation() == generations[victim]) {
                                    ops.core.cancel(chain[victim]);
                                }
                            };
                    if (random.nextBoolean()) {
                        cancel.run();
                    } else {
                        ops.core.reactor().setImmediate(cancel);
                    }
                    chains.each =
                            () -> {
                                if (chains.heard.size() == chain.length) {
                                    checkBrokenOnce(chains.heard);
                                    memory.release();
                                    ops.close(file, closed -> checked[0]++);
                                }
                            };
                });
        assertEquals(rounds, checked[0]);
    }

    private static void checkBrokenOnce(List<String> heard) {
        boolean broken = false;
        for (int i = 0; i < heard.size(); i++) {
            boolean cancelled = heard.contains(i + " ECANCELED");
            assertTrue(cancelled || heard.contains(i + " 6"), heard::toString);
            assertTrue(cancelled || !broken, heard::toString);
            broken |= cancelled;
        }
    }
}
