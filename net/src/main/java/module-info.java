/**
 * Node's {@code net} for the Chime reactor: TCP and Unix sockets and servers, datagrams and name
 * look-ups.
 */
module dev.chime.net {
    requires transitive dev.chime.reactor;
    requires org.dnsjava;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.chime.net;
    exports dev.chime.net.dns;
}
