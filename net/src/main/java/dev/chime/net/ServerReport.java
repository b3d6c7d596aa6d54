package dev.chime.net;

/**
 * How a server's connections ended after {@link Server#shutdown}.
 *
 * @param ended connections that came to their end within the grace
 * @param destroyed connections that were cut off when it was over
 */
public record ServerReport(int ended, int destroyed) {}
