package dev.chime.samples.kv;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Short forms of what the tests of a store do. */
final class Stores {
    /** Gets a store that is open; errors fail the test. */
    interface Use {
        void with(Store store) throws Exception;
    }

    private Stores() {}

    static void open(Reactor reactor, Path folder, long compactFromBytes, Use use) {
        StoreOpening.start(
                reactor,
                folder,
                compactFromBytes,
                (err, store) -> {
                    if (err != null) {
                        throw err;
                    }
                    use.with(store);
                });
    }

    static Key key(String name) {
        return new Key(name.getBytes(UTF_8));
    }

    static void set(Store store, String key, String value, Done done) {
        store.set(key(key), value.getBytes(UTF_8), done);
    }

    static void delete(Store store, String key, Callback<Integer> callback) {
        store.delete(List.of(key(key)), callback);
    }

    static void get(Store store, String key, Callback<String> callback) {
        store.get(
                key(key),
                (err, value) -> callback.call(err, value == null ? null : value.toString(UTF_8)));
    }

    /** The values of those of the keys that there are. */
    static void read(Store store, List<String> keys, Callback<Map<String, String>> callback) {
        Map<String, String> found = new TreeMap<>();
        int[] left = {keys.size()};
        for (String key : keys) {
            get(
                    store,
                    key,
                    (err, value) -> {
                        if (err != null) {
                            throw err;
                        }
                        if (value != null) {
                            found.put(key, value);
                        }
                        if (--left[0] == 0) {
                            callback.call(null, found);
                        }
                    });
        }
    }

    /** Fails the test when there is an error. */
    static void ok(ReactorException err) throws ReactorException {
        if (err != null) {
            throw err;
        }
    }
}
