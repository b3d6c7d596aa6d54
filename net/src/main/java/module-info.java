/**
 * Node's {@code net} for the Chime reactor: TCP and Unix sockets and servers, datagrams and name
 * look-ups.
 */
module dev.chime.net {
    requires transitive dev.chime.reactor;
    requires org.dnsjava;
    requires org.slf4j;
    requires org.eclipse.jetty.http; // heads of messages; its types are in no signature
    requires static transitive org.jspecify;

    exports dev.chime.net;
    exports dev.chime.net.dns;
    exports dev.chime.net.http;
    exports dev.chime.net.tls;
    exports dev.chime.net.ws;
}
