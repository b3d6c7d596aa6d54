/**
 * A durable key-value store that speaks RESP2, the protocol of Redis.
 *
 * <p>{@code KvServer} listens, {@code Connection} runs commands and keeps their answers in order,
 * {@code Store} holds the index and commits, {@code LogFormat} says what lies on the disk. Keys are
 * in memory, values in the log. Start reading at {@link dev.chime.samples.kv.KvServer}.
 */
@NullMarked
package dev.chime.samples.kv;

import org.jspecify.annotations.NullMarked;
