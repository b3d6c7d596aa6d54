package dev.chime.net.tls;

/** Whether a server wants to know who its clients are. */
public enum ClientAuth {
    /** It does not ask. */
    NONE,
    /** It asks; who shows no certificate is welcome, who shows one that is not believed is not. */
    REQUEST,
    /** It asks; who shows no certificate that is believed is not welcome. */
    REQUIRE
}
