package io.hypaware.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.config.ConfigFile;
import io.hypaware.config.HypConfig;
import io.hypaware.gateway.Listener;
import io.hypaware.home.Command;
import io.hypaware.home.HypHome;
import io.hypaware.home.ProcessLock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Starts and stops the gateway in the background.
public final class Up {

    private static final Duration START_PATIENCE = Duration.ofSeconds(30);

    /// How long a process may hold the lock without an answer, before it counts as one that hangs.
    private static final Duration SILENCE_PATIENCE = Duration.ofSeconds(5);

    private static final Duration KILL_PATIENCE = Duration.ofSeconds(5);
    private static final Duration MANAGER_PATIENCE = Duration.ofSeconds(3);
    private static final Duration POLL = Duration.ofMillis(20);

    private final HypHome home;
    private final GatewayFiles files;
    private final Consumer<String> notes;

    /// @param notes told of what is done beside what was asked for
    public Up(HypHome home, Consumer<String> notes) {
        this.home = home;
        this.files = new GatewayFiles(home);
        this.notes = notes;
    }

    /// A gateway that answers: the one that runs, or a new one.
    ///
    /// @param alreadyRan whether it was there before
    /// @param otherConfig whether the config was changed since it started
    /// @param trouble why it passes calls on and records none
    public record Running(
            GatewayFiles.Address address, boolean alreadyRan, boolean otherConfig, Optional<String> trouble) {

        private static Running of(Presence.Answering answering, boolean alreadyRan, HypHome home) {
            JsonNode status = answering.status();
            Optional<String> trouble = Optional.empty();
            if (!status.path("recording").asBoolean(true)) {
                trouble = Optional.of("\"enabled\" is false in the config; change that, then hyp daemon restart");
            } else if (!status.path("journal_open").asBoolean(true)) {
                trouble = Optional.of(status.path("journal_error").asText("the journal is not open yet"));
            }
            return new Running(
                    answering.address(), alreadyRan, Diagnoses.isOtherConfig(status, home.configFile()), trouble);
        }

        /// Whether it records, or cannot; not whether it only has not opened its journal yet.
        private static boolean isDecided(Presence.Answering answering) {
            JsonNode status = answering.status();
            return !status.path("recording").asBoolean(true)
                    || status.path("journal_open").asBoolean(true)
                    || status.hasNonNull("journal_error");
        }
    }

    /// Makes sure that a gateway runs, which means that it answers. One that does not is ended and replaced.
    ///
    /// @throws IllegalStateException if none comes up; the message is what it said
    public Running start() throws IOException, InterruptedException {
        // Two that start at once would end each other's.
        try (ProcessLock _ = ProcessLock.take(files.startLock(), "hyp up", START_PATIENCE.multipliedBy(2))) {
            return startAlone();
        }
    }

    private Running startAlone() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        Presence presence = patiently();
        if (presence instanceof Presence.Answering answering) {
            Presence.Answering last = answering;
            while (!Running.isDecided(last) && System.nanoTime() < deadline) {
                Thread.sleep(POLL);
                last = Presence.of(files) instanceof Presence.Answering still ? still : last;
            }
            return Running.of(last, true, home);
        }
        if (presence instanceof Presence.Silent silent) {
            end(silent);
        }
        endSupervisor();
        Path log = HypHome.privateFolder(home.logs()).resolve("gateway.out");
        long saidBefore = Files.exists(log) ? Files.size(log) : 0;
        HypHome.privateFolder(home.run());
        Process supervisor = HypProcess.starting(home)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        deadline = System.nanoTime() + START_PATIENCE.toNanos();
        Optional<Running> last = Optional.empty();
        while (System.nanoTime() < deadline) {
            if (Presence.of(files) instanceof Presence.Answering answering) {
                Running running = Running.of(answering, false, home);
                if (Running.isDecided(answering)) {
                    return running;
                }
                last = Optional.of(running);
            }
            if (supervisor.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                String said = said(log, saidBefore);
                throw new IllegalStateException(
                        said.isEmpty() ? "the gateway ended with " + supervisor.exitValue() : said);
            }
        }
        if (last.isPresent()) {
            return last.get();
        }
        throw new IllegalStateException(
                "the gateway did not come up within " + START_PATIENCE.toSeconds() + " s; see " + log);
    }

    /// What there is to be stopped. A supervisor that is between two starts is ended.
    ///
    /// @param supervisorEnded whether there was one
    public record Found(Presence presence, boolean supervisorEnded) {}

    public Found find() throws InterruptedException {
        if (!Files.isDirectory(home.run())) {
            return new Found(new Presence.Absent(), false);
        }
        try (ProcessLock _ = ProcessLock.take(files.startLock(), "hyp down", START_PATIENCE.multipliedBy(2))) {
            Presence presence = patiently();
            return new Found(presence, presence instanceof Presence.Absent && endSupervisor());
        }
    }

    /// Gateways that handed over and wait for their last calls.
    ///
    /// @param now to cut these calls
    /// @return how many there are still
    public int endThoseHandingOver(boolean now) throws InterruptedException {
        List<ProcessHandle> left = files.handingOver();
        if (!now) {
            return left.size();
        }
        for (ProcessHandle gateway : left) {
            // They were told once, when they handed over.
            gateway.destroy();
            if (!ended(gateway, Duration.ofSeconds(1))) {
                gateway.destroyForcibly();
                ended(gateway, KILL_PATIENCE);
            }
        }
        return files.handingOver().size();
    }

    private boolean endSupervisor() throws InterruptedException {
        Optional<ProcessHandle> supervisor = files.liveSupervisor();
        if (supervisor.isPresent()) {
            supervisor.get().destroyForcibly();
            // It holds the socket.
            ended(supervisor.get(), KILL_PATIENCE);
        }
        return supervisor.isPresent();
    }

    private HypConfig config() {
        return ConfigFile.read(home.configFile()).config();
    }

    /// Listens, and runs the supervisor in place of this process, so that who started it knows it by its number.
    ///
    /// @throws IOException if that cannot be done; else it never returns
    public void supervise() throws IOException {
        HypHome.privateFolder(home.logs());
        HypHome.privateFolder(home.run());
        ProcessBuilder supervisor = HypProcess.supervised(home);
        files.writeSupervisor(ProcessHandle.current());
        SharedSocket.asStandardInput(config().gateway());
        Posix.exec(supervisor.command(), supervisor.environment());
    }

    /// Lets a new gateway, as it is installed and configured now, take over from the one that runs: no connection is
    /// refused, and open calls end where they are.
    ///
    /// @throws IllegalStateException if no new one comes up; then the one that runs goes on
    public Running restart() throws IOException, InterruptedException {
        try (ProcessLock _ =
                ProcessLock.take(files.startLock(), "hyp daemon restart", START_PATIENCE.multipliedBy(2))) {
            if (!(patiently() instanceof Presence.Answering before)) {
                throw new IllegalStateException("no recorder runs; start it with hyp up");
            }
            if (!listensAsConfigured(before.address())) {
                return moved(before.address());
            }
            ProcessHandle supervisor = files.liveSupervisor()
                    .filter(process -> process.pid() == before.address().supervisor())
                    .orElseThrow(
                            () -> new IllegalStateException(
                                    "the recorder (pid " + before.address().pid()
                                            + ") runs without a supervisor, who would start the next; use hyp down, then hyp up"));
            Path log = home.logs().resolve("gateway.out");
            long saidBefore = Files.exists(log) ? Files.size(log) : 0;
            tellToStartAnother(supervisor);
            long deadline = System.nanoTime() + START_PATIENCE.toNanos();
            while (System.nanoTime() < deadline) {
                if (Presence.of(files) instanceof Presence.Answering answering
                        && !answering.address().equals(before.address())
                        && Running.isDecided(answering)) {
                    return Running.of(answering, false, home);
                }
                String said = Files.exists(log) ? said(log, saidBefore) : "";
                if (said.contains("the one before goes on")) {
                    throw new IllegalStateException(said);
                }
                Thread.sleep(POLL);
            }
            throw new IllegalStateException("no new gateway came up within " + START_PATIENCE.toSeconds()
                    + " s; the one before goes on. See " + home.logs());
        }
    }

    /// A new address takes a new socket: the one that runs lets its calls end, and then the next one listens.
    private Running moved(GatewayFiles.Address before) throws IOException, InterruptedException {
        notes.accept("The config asks for another address than " + before.url()
                + ": open calls are let end first, and new ones are refused meanwhile");
        if (!stop(
                before,
                false,
                Duration.ofSeconds(config().gateway().drainSeconds()).plus(KILL_PATIENCE))) {
            throw new IllegalStateException(
                    "the recorder still runs (pid " + before.pid() + "); hyp down --now ends it");
        }
        // A service manager starts it again by itself.
        Presence.await(files, MANAGER_PATIENCE);
        return startAlone();
    }

    private boolean listensAsConfigured(GatewayFiles.Address address) throws UnknownHostException {
        return Listener.isOf(config().gateway(), InetAddress.getByName(address.host()), address.port());
    }

    private static void tellToStartAnother(ProcessHandle supervisor) throws IOException, InterruptedException {
        List<String> kill = List.of("/bin/sh", "-c", "kill -USR1 \"$1\"", "sh", Long.toString(supervisor.pid()));
        if (Command.run(kill, KILL_PATIENCE).filter(ended -> ended.code() == 0).isEmpty()) {
            throw new IllegalStateException("the supervisor (pid " + supervisor.pid() + ") cannot be told");
        }
    }

    private static String said(Path log, long from) throws IOException {
        byte[] all = Files.readAllBytes(log);
        int start = Math.toIntExact(Math.min(from, all.length));
        String said = new String(all, start, all.length - start, StandardCharsets.UTF_8).strip();
        return said.startsWith("hyp: ") ? said.substring("hyp: ".length()) : said;
    }

    /// Tells the gateway to stop.
    ///
    /// @param now not to wait for open calls
    /// @return false if it still runs after `patience`
    public boolean stop(GatewayFiles.Address address, boolean now, Duration patience) throws InterruptedException {
        Optional<ProcessHandle> process = address.process();
        if (process.isEmpty()) {
            return true;
        }
        process.get().destroy();
        if (!now) {
            return await(address, patience);
        }
        Thread.sleep(200);
        process.get().destroy();
        endThoseHandingOver(true);
        if (!await(address, patience)) {
            kill(process.get(), address.supervisor());
        }
        return await(address, KILL_PATIENCE);
    }

    /// Waits for the gateway to end, and its supervisor after it, which lets those that handed over end; false if it
    /// still runs after `patience`.
    public boolean await(GatewayFiles.Address address, Duration patience) throws InterruptedException {
        Optional<ProcessHandle> process = address.process();
        if (process.isPresent() && !ended(process.get(), patience)) {
            return false;
        }
        // Which waits for those that handed over.
        Optional<ProcessHandle> supervisor = files.liveSupervisor();
        return supervisor.isEmpty() || ended(supervisor.get(), patience);
    }

    /// Ends a gateway that holds the lock and does not answer.
    ///
    /// @throws IllegalStateException if it cannot be told which process that is
    public void end(Presence.Silent silent) throws InterruptedException {
        ProcessHandle process = silent.process()
                .orElseThrow(
                        () -> new IllegalStateException("a process holds " + files.lockFile() + " (" + silent.owner()
                                + ") and does not answer; which one it is cannot be told beyond doubt, so that none was ended."
                                + " End it yourself, then run hyp up"));
        notes.accept("The gateway (pid " + process.pid() + ") does not answer (" + silent.why() + "); it is ended");
        process.destroy();
        if (!ended(process, Duration.ofSeconds(1))) {
            kill(process, silent.address().map(GatewayFiles.Address::supervisor).orElse(0L));
        }
        if (!ended(process, KILL_PATIENCE)) {
            throw new IllegalStateException("the gateway (pid " + process.pid() + ") cannot be ended");
        }
    }

    /// Whether a gateway runs; one that is just being started again does.
    public boolean isRunning() throws InterruptedException {
        return patiently() instanceof Presence.Answering;
    }

    /// What is there, once a gateway that only starts, or is just being started again, has had the time for it.
    private Presence patiently() throws InterruptedException {
        long deadline = System.nanoTime() + SILENCE_PATIENCE.toNanos();
        Presence presence = Presence.of(files);
        while (isToCome(presence) && System.nanoTime() < deadline) {
            Thread.sleep(POLL);
            presence = Presence.of(files);
        }
        return presence;
    }

    private boolean isToCome(Presence presence) {
        return switch (presence) {
            case Presence.Answering _ -> false;
            case Presence.Silent _ -> true;
            case Presence.Absent _ -> files.liveSupervisor().isPresent();
        };
    }

    /// Its supervisor first, which would start it again.
    private static void kill(ProcessHandle gateway, long supervisor) {
        gateway.parent().filter(parent -> parent.pid() == supervisor).ifPresent(ProcessHandle::destroyForcibly);
        gateway.destroyForcibly();
    }

    private static boolean ended(ProcessHandle process, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (process.isAlive() && System.nanoTime() < deadline) {
            Thread.sleep(POLL);
        }
        return !process.isAlive();
    }
}
