/** JMH benchmarks of the loop, its timers, its memory, and of files: {@code samples/bench/jmh}. */
package dev.chime.bench;
