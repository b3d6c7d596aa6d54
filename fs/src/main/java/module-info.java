/**
 * Node's {@code fs} for the Chime reactor: files, directories, metadata and watching, all with
 * callbacks.
 */
module dev.chime.fs {
    requires transitive dev.chime.reactor;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.chime.fs;
}
