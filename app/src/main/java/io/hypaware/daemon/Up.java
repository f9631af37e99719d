package io.hypaware.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.home.HypHome;
import io.hypaware.home.ProcessLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Starts and stops the gateway in the background.
public final class Up {

    private static final Duration START_PATIENCE = Duration.ofSeconds(30);

    /// How long a process may hold the lock without an answer, before it counts as one that hangs.
    private static final Duration SILENCE_PATIENCE = Duration.ofSeconds(5);

    private static final Duration KILL_PATIENCE = Duration.ofSeconds(5);
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
    /// @param trouble why it passes calls on and records none
    public record Running(GatewayFiles.Address address, boolean alreadyRan, Optional<String> trouble) {

        private static Running of(Presence.Answering answering, boolean alreadyRan) {
            JsonNode status = answering.status();
            if (!status.path("recording").asBoolean(true)) {
                return new Running(
                        answering.address(),
                        alreadyRan,
                        Optional.of("\"enabled\" is false in the config; change that, then hyp down and hyp up"));
            }
            return new Running(
                    answering.address(),
                    alreadyRan,
                    status.path("journal_open").asBoolean(true)
                            ? Optional.empty()
                            : Optional.of(status.path("journal_error").asText("the journal is not open yet")));
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
            return Running.of(last, true);
        }
        if (presence instanceof Presence.Silent silent) {
            end(silent);
        }
        endSupervisor();
        Path log = HypHome.privateFolder(home.logs()).resolve("gateway.out");
        long saidBefore = Files.exists(log) ? Files.size(log) : 0;
        HypHome.privateFolder(home.run());
        Process supervisor = HypProcess.supervised(home)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        files.writeSupervisor(supervisor.toHandle());
        deadline = System.nanoTime() + START_PATIENCE.toNanos();
        Optional<Running> last = Optional.empty();
        while (System.nanoTime() < deadline) {
            if (Presence.of(files) instanceof Presence.Answering answering) {
                Running running = Running.of(answering, false);
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

    private boolean endSupervisor() {
        Optional<ProcessHandle> supervisor = files.liveSupervisor();
        supervisor.ifPresent(ProcessHandle::destroyForcibly);
        return supervisor.isPresent();
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
        if (!await(address, patience)) {
            kill(process.get(), address.supervisor());
        }
        return await(address, KILL_PATIENCE);
    }

    /// Waits for the gateway to end, and its supervisor after it; false if it still runs after `patience`.
    public boolean await(GatewayFiles.Address address, Duration patience) throws InterruptedException {
        Optional<ProcessHandle> process = address.process();
        if (process.isPresent() && !ended(process.get(), patience)) {
            return false;
        }
        Optional<ProcessHandle> supervisor = files.liveSupervisor();
        return supervisor.isEmpty() || ended(supervisor.get(), KILL_PATIENCE);
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

    /// What is there, once a gateway that only starts has had the time for it.
    private Presence patiently() throws InterruptedException {
        long deadline = System.nanoTime() + SILENCE_PATIENCE.toNanos();
        Presence presence = Presence.of(files);
        while (presence instanceof Presence.Silent && System.nanoTime() < deadline) {
            Thread.sleep(POLL);
            presence = Presence.of(files);
        }
        return presence;
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
