package dev.chime.reactor.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandlersTest {
    private static final class Passing implements Handlers.Temporary {
        final String name;
        boolean over;

        Passing(String name) {
            this.name = name;
        }

        @Override
        public boolean isOver() {
            return over;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static List<String> names(Handlers<Passing> handlers) {
        List<String> names = new ArrayList<>();
        handlers.each(handler -> names.add(handler.name));
        return names;
    }

    @Test
    void thoseThatAreOver_areDroppedByTheNextAdd_andTheOrderStays() {
        Handlers<Passing> handlers = new Handlers<>();
        List<Passing> all = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d")) {
            all.add(new Passing(name));
            handlers.add(all.getLast());
        }
        assertEquals(List.of("a", "b", "c", "d"), names(handlers));
        all.get(0).over = true;
        all.get(2).over = true;
        handlers.add(new Passing("e"));
        assertEquals(List.of("b", "d", "e"), names(handlers));
        all.forEach(one -> one.over = true);
        handlers.add(new Passing("f"));
        assertEquals(List.of("e", "f"), names(handlers));
    }

    @Test
    void theOnlyOne_makesRoomForTheNext() {
        Handlers<Passing> handlers = new Handlers<>();
        for (int i = 0; i < 1000; i++) {
            Passing one = new Passing("one");
            handlers.add(one);
            assertEquals(1, names(handlers).size());
            one.over = true;
        }
    }
}
