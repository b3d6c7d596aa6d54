package dev.chime.samples.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/** What a store says is on the disk, and what it finds there. */
class StoreTest {
    private static final long NEVER = Long.MAX_VALUE;
    private static final List<String> KEYS = List.of("a", "b", "c", "last");

    @TempDir Path folder;

    private Path log() {
        return folder.resolve(Store.LOG);
    }

    private static void close(Store store) {
        store.close(Stores::ok);
    }

    /** A log of four commits; returns the bytes at which each ends, that of the head first. */
    private List<Integer> fourCommits(EngineKind engine) {
        List<Integer> ends = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> Stores.open(reactor, folder, NEVER, store -> commit(store, ends, 0)));
        return ends;
    }

    private void commit(Store store, List<Integer> ends, int number) throws Exception {
        ends.add((int) Files.size(log()));
        if (number == KEYS.size()) {
            close(store);
        } else {
            String key = KEYS.get(number);
            Stores.set(
                    store,
                    key,
                    "value of " + key,
                    err -> {
                        Stores.ok(err);
                        commit(store, ends, number + 1);
                    });
        }
    }

    private static Map<String, String> expected(int commits) {
        Map<String, String> expected = new TreeMap<>();
        KEYS.stream().limit(commits).forEach(key -> expected.put(key, "value of " + key));
        return expected;
    }

    // ---- reading and changing

    @EngineTest
    void changes_areThereAfterwards_andAfterTheNextStart(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Stores.open(
                                reactor,
                                folder.resolve("new/sub"),
                                NEVER,
                                store -> {
                                    // All in one turn: each sees what those before have changed.
                                    Stores.get(store, "a", (err, v) -> heard.add("get " + v));
                                    Stores.set(store, "a", "1", err -> heard.add("set 1"));
                                    Stores.get(store, "a", (err, v) -> heard.add("get " + v));
                                    Stores.set(store, "a", "2", err -> heard.add("set 2"));
                                    Stores.set(store, "b", "", err -> heard.add("set b"));
                                    Stores.delete(store, "a", (err, n) -> heard.add("del " + n));
                                    Stores.delete(store, "a", (err, n) -> heard.add("del " + n));
                                    Stores.get(store, "a", (err, v) -> heard.add("get " + v));
                                    store.exists(
                                            List.of(
                                                    Stores.key("a"),
                                                    Stores.key("b"),
                                                    Stores.key("b")),
                                            (err, n) -> {
                                                heard.add("exists " + n);
                                                close(store);
                                            });
                                    assertEquals(List.of(), heard, "nothing inside the calls");
                                }));
        assertEquals(
                List.of(
                        "get null",
                        "set 1",
                        "set 2",
                        "set b",
                        "del 1",
                        "del 0",
                        "get null",
                        "exists 2"),
                heard.stream().filter(line -> !line.equals("get 1")).toList());
        assertEquals(1, heard.stream().filter("get 1"::equals).count());

        Reactors.run(
                engine,
                reactor ->
                        Stores.open(
                                reactor,
                                folder.resolve("new/sub"),
                                NEVER,
                                store -> {
                                    assertEquals(1, store.size());
                                    Stores.read(
                                            store,
                                            List.of("a", "b"),
                                            (err, found) -> {
                                                assertEquals(Map.of("b", ""), found);
                                                close(store);
                                            });
                                }));
    }

    @EngineTest
    void changesOfOneTurn_areOneCommit_andThoseMeanwhileTheNext(EngineKind engine) {
        List<Long> ends = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Stores.open(
                                reactor,
                                folder,
                                NEVER,
                                store -> {
                                    for (int i = 0; i < 100; i++) {
                                        Stores.set(
                                                store,
                                                "first" + i,
                                                "x",
                                                err -> ends.add(Files.size(log())));
                                    }
                                    reactor.setImmediate(() -> meanwhile(store, ends));
                                }));
        assertEquals(200, ends.size());
        assertEquals(2, ends.stream().distinct().count(), "two commits: " + ends);
    }

    private void meanwhile(Store store, List<Long> ends) {
        for (int i = 0; i < 100; i++) {
            Stores.set(store, "second" + i, "x", err -> ends.add(Files.size(log())));
        }
        close(store);
    }

    @EngineTest
    void secondServer_isLockedOut(EngineKind engine) {
        Reactors.run(
                engine,
                reactor ->
                        Stores.open(
                                reactor,
                                folder,
                                NEVER,
                                store ->
                                        StoreOpening.start(
                                                reactor,
                                                folder,
                                                NEVER,
                                                (err, second) -> {
                                                    assertEquals("ERR_STORE_IN_USE", err.code());
                                                    close(store);
                                                })));
    }

    // ---- damage

    /** One start on each of the contents, one after the other. */
    private void onEach(EngineKind engine, List<byte[]> contents, Judge judge) {
        Reactors.run(engine, reactor -> onNext(reactor, contents, 0, judge));
    }

    private interface Judge {
        /** Looks at the outcome of a start; the error or what was found is null. */
        void judge(int number, ReactorException err, Map<String, String> found) throws Exception;
    }

    private void onNext(Reactor reactor, List<byte[]> contents, int number, Judge judge)
            throws Exception {
        if (number == contents.size()) {
            return;
        }
        Files.write(log(), contents.get(number));
        StoreOpening.start(
                reactor,
                folder,
                NEVER,
                (err, store) -> {
                    if (err != null) {
                        judge.judge(number, err, null);
                        reactor.setImmediate(() -> onNext(reactor, contents, number + 1, judge));
                        return;
                    }
                    Stores.read(
                            store,
                            KEYS,
                            (failed, found) -> {
                                judge.judge(number, null, found);
                                store.close(closed -> onNext(reactor, contents, number + 1, judge));
                            });
                });
    }

    @EngineTest
    void lastCommitTornAtAnyByte_isCutOff_andTheOthersAreThere(EngineKind engine) throws Exception {
        List<Integer> ends = fourCommits(engine);
        byte[] whole = Files.readAllBytes(log());
        List<byte[]> torn = new ArrayList<>();
        for (int length = ends.get(3) + 1; length < whole.length; length++) {
            torn.add(Arrays.copyOf(whole, length));
            byte[] unwritten = whole.clone(); // the size is on the disk, the rest is not
            Arrays.fill(unwritten, length, whole.length, (byte) 0);
            torn.add(unwritten);
        }
        onEach(
                engine,
                torn,
                (number, err, found) -> {
                    assertNull(err);
                    boolean same = Arrays.equals(torn.get(number), whole);
                    assertEquals(expected(same ? 4 : 3), found, "number " + number);
                    assertEquals(same ? whole.length : ends.get(3), Files.size(log()));
                });
    }

    @EngineTest
    void anyBitFlippedInTheMiddle_isRefused_andTheFileLeftAlone(EngineKind engine)
            throws Exception {
        List<Integer> ends = fourCommits(engine);
        byte[] whole = Files.readAllBytes(log());
        List<byte[]> damaged = new ArrayList<>();
        for (int at = 0; at < ends.get(3); at++) {
            byte[] copy = whole.clone();
            copy[at] ^= (byte) (1 << (at % 8));
            damaged.add(copy);
        }
        onEach(
                engine,
                damaged,
                (number, err, found) -> {
                    assertEquals("ERR_STORE_CORRUPT", err == null ? "none" : err.code());
                    if (number < ends.get(0)) {
                        assertTrue(err.getMessage().contains("does not start"), err.getMessage());
                    } else {
                        int commit = 0;
                        while (number >= ends.get(commit + 1)) {
                            commit++;
                        }
                        String where =
                                "the commit at byte %d is damaged, but the one at byte %d is whole"
                                        .formatted(ends.get(commit), ends.get(commit + 1));
                        assertTrue(err.getMessage().contains(where), err.getMessage());
                    }
                    assertArrayEquals(damaged.get(number), Files.readAllBytes(log()));
                });
    }

    @EngineTest
    void valueDamagedWhileItServes_isAnErrorOfThatKeyAlone(EngineKind engine) {
        Reactors.run(
                engine,
                reactor ->
                        Stores.open(
                                reactor,
                                folder,
                                NEVER,
                                store -> {
                                    Stores.set(store, "a", "good", Stores::ok);
                                    Stores.set(store, "b", "bad", err -> damageTheEnd(store));
                                }));
    }

    private void damageTheEnd(Store store) throws Exception {
        byte[] bytes = Files.readAllBytes(log());
        bytes[bytes.length - 1]++;
        Files.write(log(), bytes);
        Stores.get(store, "b", (err, value) -> assertEquals("ERR_STORE_CORRUPT", err.code()));
        Stores.get(
                store,
                "a",
                (err, value) -> {
                    assertEquals("good", value);
                    close(store);
                });
    }

    // ---- compaction

    @EngineTest
    void garbageOfHalfTheLog_isCompactedAway_whileChangesGoOn(EngineKind engine) throws Exception {
        int[] round = {0};
        long[] largest = {0};
        Reactors.run(
                engine,
                reactor ->
                        Stores.open(
                                reactor,
                                folder,
                                64 << 10,
                                store -> overwrite(store, round, largest)));
        assertTrue(largest[0] > 64 << 10, largest[0] + " bytes at most");
        long left = Files.size(log());
        assertTrue(left < 400 << 10, left + " bytes are left of 2 MB");
        assertTrue(Files.notExists(folder.resolve(Store.NEW_LOG)));

        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            keys.add("k" + i);
        }
        Reactors.run(
                engine,
                reactor ->
                        Stores.open(
                                reactor,
                                folder,
                                NEVER,
                                store ->
                                        Stores.read(
                                                store,
                                                keys,
                                                (err, found) -> {
                                                    assertEquals(10, found.size());
                                                    found.forEach((k, v) ->
                                                            assertEquals(value(k, 99), v));
                                                    close(store);
                                                })));
    }

    private static String value(String key, int round) {
        return (key + " in round " + round + " ").repeat(60);
    }

    /** 100 rounds: ten keys get values, ten others come and go; reads of all meanwhile. */
    private void overwrite(Store store, int[] round, long[] largest) throws Exception {
        int now = round[0]++;
        largest[0] = Math.max(largest[0], Files.size(log()));
        if (now == 100) {
            close(store);
            return;
        }
        for (int i = 0; i < 10; i++) {
            String key = "k" + i;
            String passing = "k" + (10 + i);
            Stores.set(store, key, value(key, now), Stores::ok);
            if (now % 2 == 0) {
                Stores.set(store, passing, value(passing, now), Stores::ok);
            } else {
                Stores.delete(store, passing, (err, n) -> assertEquals(1, n));
            }
            Stores.get(
                    store,
                    key,
                    (err, value) -> {
                        Stores.ok(err);
                        assertEquals(value(key, now), value);
                    });
        }
        store.exists(List.of(Stores.key("k0")), (err, n) -> overwrite(store, round, largest));
    }
}
