/**
 * The Chime event reactor: one loop thread, its timers and tasks, and the engines (io_uring, or
 * epoll with a thread pool) that carry out file and socket operations.
 *
 * <p>Every native call of Chime is made here; an application on the module path opens this module
 * alone with {@code --enable-native-access=dev.chime.reactor}.
 */
// The qualified exports name modules that are compiled after this one.
@SuppressWarnings("module")
module dev.chime.reactor {
    requires org.slf4j;
    requires jdk.unsupported; // signals
    requires static transitive org.jspecify;
    requires static transitive HdrHistogram;
    requires static jdk.jfr;

    exports dev.chime.reactor;
    exports dev.chime.reactor.stream;
    exports dev.chime.reactor.uring;
    exports dev.chime.reactor.engine to
            dev.chime.fs,
            dev.chime.net;
    exports dev.chime.reactor.internal to
            dev.chime.fs,
            dev.chime.net;
    exports dev.chime.reactor.libc to
            dev.chime.fs,
            dev.chime.net;
}
