/**
 * io_uring for Java: what liburing is to C, usable with or without the reactor.
 *
 * <p>A {@link dev.chime.reactor.uring.Ring} is one submission queue and one completion queue,
 * mapped and counted. {@link dev.chime.reactor.uring.Sqe} has a {@code prep} method for each
 * operation and a raw form for any other, {@link dev.chime.reactor.uring.Cqe} is a completion,
 * {@link dev.chime.reactor.uring.RingResources} registers files, buffers, an eventfd and {@link
 * dev.chime.reactor.uring.Restrictions}, {@link dev.chime.reactor.uring.BufferRing} holds buffers
 * from which the kernel picks. Nothing here knows a callback or who owns a descriptor; {@code
 * engine.uring} is built on it.
 *
 * <p>Reading the first bytes of a file, beside the names that the calls have in liburing:
 *
 * {@snippet file="dev/chime/reactor/uring/RingExample.java" region="readv"}
 *
 * <p><b>Results</b> are the kernel's: {@code >= 0}, or a negative errno. <b>Memory</b> is native
 * and the caller's; it must stay allocated until the completion. <b>Threads</b>: one at a time, or
 * the one that enabled a ring of {@link dev.chime.reactor.uring.RingOptions#loop}. Numbers of
 * opcodes, flags and register calls are those of {@code linux/io_uring.h}.
 *
 * <p>Not here: entries of 128 and 32 bytes and what needs them (passthrough commands), rings in
 * memory of the caller's, resizing, NAPI, zero-copy receive, registered waits and clocks, tags of
 * registered resources, personalities, BPF filters. {@link dev.chime.reactor.uring.Ring#register}
 * is the raw form of everything that takes one call.
 */
@NullMarked
package dev.chime.reactor.uring;

import org.jspecify.annotations.NullMarked;
