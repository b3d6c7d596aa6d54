package dev.chime.samples;

import dev.chime.reactor.EngineUnavailableException;
import dev.chime.samples.generations.Generations;
import java.io.PrintStream;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The samples' command line: {@code NAME [ARGS...]}. Without a name it lists them, and {@code
 * --help} tells what arguments there are.
 */
public final class Main {
    /** A program of a few lines. */
    @FunctionalInterface
    interface Sample {
        /** Runs with the arguments behind the name; its result is the exit code. */
        int run(Arguments arguments) throws Exception;
    }

    private static final Set<String> HELP = Set.of("--help", "-h");

    private record Entry(String usage, String purpose, Sample sample) {}

    private static final Map<String, Entry> SAMPLES = new TreeMap<>();

    static {
        add("hello", "", "says hello from a tick, an immediate and a timer", Hello::run);
        add("readfile", "FILE...", "reads whole files and prints their sizes", ReadFile::run);
        add("cat", "FILE...", "copies files to the standard output, piece by piece", Cat::run);
        add("cp", "SOURCE DEST", "copies a file or a tree, with a progress bar", Cp::run);
        add(
                "find",
                "DIR [--name GLOB] [--type f|d|l|p|s]",
                "prints what is below a directory, as it is found",
                Find::run);
        add(
                "echo",
                "--port N [--host H] [--cert PEM --key PEM]",
                "a TCP or TLS server that sends everything back",
                Echo::run);
        add(
                "http-hello",
                "--port N [--host H] [--cert PEM --key PEM]",
                "an HTTP or HTTPS server that greets at /plaintext",
                HttpHello::run);
        add(
                "caching-proxy",
                "--port N --dir D [--upstream URL] [--max-bytes B] [--timeout S] [--tunnel-idle S]"
                        + " [--host H]",
                "an HTTP proxy that keeps what it gets on the disk, and opens tunnels",
                CachingProxy::run);
        add(
                "static",
                "--dir D --port N [--host H] [--cert PEM --key PEM]",
                "an HTTP or HTTPS server of the files below a directory",
                Static::run);
        add(
                "tail",
                "FILE [-f] [--lines N]",
                "the last lines of a file, and what follows",
                Tail::run);
        add("watch", "PATH", "prints what changes in a file or a tree", Watch::run);
        add("chat", "--port N [--host H]", "a chat for telnet, without slow readers", Chat::run);
        add(
                "proxy",
                "--port N --to HOST:PORT [--host H]",
                "passes TCP connections on to another server",
                Proxy::run);
        add(
                "udp-echo",
                "--port N [--host H]",
                "a UDP server that sends everything back",
                UdpEcho::run);
        add(
                "udp-ping",
                "--port N [--host H] [--count C]",
                "round trips to a UDP echo server",
                UdpPing::run);
        add(
                "generations",
                "[--file F] [--bytes B] [--reads N] [--depth D] [--seconds S] [--svg OUT]",
                "random reads by every generation of Linux's interfaces, from pread to io_uring",
                Generations::run);
        add(
                "dashboard",
                "--port N [--host H]",
                "a page that plots how its own loop is doing, over a WebSocket",
                Dashboard::run);
        add(
                "kv",
                "--dir D --port N [--host H]",
                "a durable key-value store for redis-cli",
                Kv::run);
        add("lab-nop", "--batch B --seconds S", "empty operations through the engine", LabNop::run);
        add(
                "lab-loop",
                "--op OP --n N",
                "ticks, immediates, timers and tasks from other threads, measured",
                LabLoop::run);
        add(
                "lab-randread",
                "--file F --depth N --direct 0|1 --warmup S --seconds S",
                "random 4 KiB reads, measured",
                LabRandRead::run);
        add(
                "lab-readfiles",
                "--dir D --count N --bytes B --concurrency C --warmup S --seconds S",
                "whole-file reads, measured",
                LabReadFiles::run);
        add(
                "lab-append",
                "--dir D --concurrency N --seconds S [--chain true]",
                "4 KiB appends, each synced, measured",
                LabAppend::run);
        add(
                "lab-udp",
                "--warmup S --seconds S [--port N] [--inflight N] [--bytes B] [--batches 0|1]",
                "datagrams to an echo server and back, measured",
                LabUdp::run);
        add(
                "lab-echo",
                "--port N --warmup S --seconds S [--connections C] [--bytes B] [--inflight N]",
                "messages to an echo server and back, measured",
                LabEcho::run);
        add(
                "lab-idle",
                "--connections N",
                "the memory that an idle connection costs a server, measured",
                LabIdle::run);
    }

    private Main() {}

    private static void add(String name, String usage, String purpose, Sample sample) {
        SAMPLES.put(name, new Entry(usage, purpose, sample));
    }

    /** Runs one sample. Exit codes: 0 well, 1 failed, 2 wrong usage. */
    public static void main(String[] args) {
        int code = run(args, System.out, System.err);
        System.out.flush();
        if (code != 0) {
            System.exit(code);
        }
    }

    /** The same in a program that goes on; {@code out} and {@code err} get what it says itself. */
    static int run(String[] args, PrintStream out, PrintStream err) {
        if (args.length == 0 || HELP.contains(args[0])) {
            out.print(list());
            return 0;
        }
        String name = args[0];
        Entry entry = SAMPLES.get(name);
        if (entry == null) {
            err.println("unknown sample '" + name + "'");
            err.print(list());
            return 2;
        }
        String usage = ("usage: samples/run " + name + " " + entry.usage()).stripTrailing();
        if (args.length == 2 && HELP.contains(args[1])) {
            out.println(name + ": " + entry.purpose());
            out.println(usage);
            return 0;
        }
        try {
            return entry.sample().run(new Arguments(args));
        } catch (UsageException e) {
            err.println(name + ": " + e.getMessage());
            err.println(usage);
            return 2;
        } catch (EngineUnavailableException e) {
            err.println(name + ": " + e.getMessage());
            return 1;
        } catch (Exception e) {
            err.println(name + ": " + e);
            return 1;
        }
    }

    private static String list() {
        StringBuilder text = new StringBuilder();
        text.append("samples/run NAME ARGS... runs one, NAME --help tells its arguments:\n");
        SAMPLES.forEach(
                (name, entry) -> text.append(String.format("  %-14s %s%n", name, entry.purpose())));
        return text.toString();
    }
}
