package io.hypaware.daemon;

import io.hypaware.home.ProcessLock;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Logger;

/// The right to be the gateway of a home, which one process has at a time: it schedules workers, and its address is
/// the one written down. A lock that the kernel gives back when its holder dies.
final class Turn implements AutoCloseable {

    /// How long a gateway that hands over may take to let go. It does nothing else first.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Logger LOG = Logger.getLogger(Turn.class.getName());

    private final GatewayFiles files;
    private Optional<ProcessLock> lock = Optional.empty();

    /// Not taken yet.
    Turn(GatewayFiles files) {
        this.files = files;
    }

    /// @throws RunsAlreadyException if another gateway has it
    static Turn taken(GatewayFiles files) throws InterruptedException {
        Turn turn = new Turn(files);
        turn.lock = ProcessLock.tryTake(files.lockFile(), "gateway");
        if (turn.lock.isEmpty()) {
            throw new RunsAlreadyException("a gateway of " + files.home().root() + " runs already ("
                    + ProcessLock.owner(files.lockFile()) + "); stop it with hyp down");
        }
        return turn;
    }

    /// Tells the one that has it that this process takes over. One that does not let go hangs, and is ended.
    void takeFrom(ProcessHandle predecessor) throws InterruptedException {
        files.writeSuccessor(ProcessHandle.current());
        predecessor.destroy();
        try {
            lock = Optional.of(ProcessLock.take(files.lockFile(), "gateway", PATIENCE));
        } catch (IllegalStateException e) {
            LOG.severe("the gateway before (pid " + predecessor.pid() + ") does not let go; it is ended");
            predecessor.destroyForcibly();
            lock = Optional.of(ProcessLock.take(files.lockFile(), "gateway", PATIENCE));
        }
    }

    /// Another may have it.
    @Override
    public void close() {
        lock.ifPresent(ProcessLock::close);
        lock = Optional.empty();
    }
}
