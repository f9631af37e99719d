package io.hypaware.maintain;

import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Journal;
import io.hypaware.project.Projector;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Which of the exchanges that are pending are recorded in one run, which wait, and which leave the journal instead.
final class Admission {

    /// Lets all in.
    static final Admission OF_ALL = new Admission((_, _, _) -> PrivacyGate.Decision.RECORD, () -> {});

    /// Exchanges that wait at once; more are recorded without.
    private static final int MOST_WAITING = 1_000;

    /// Decides of an exchange; one that cannot wait is recorded, or leaves.
    @FunctionalInterface
    interface Gate {
        PrivacyGate.Decision decide(CapturedExchange captured, Projector.Whence whence, boolean canWait);
    }

    private final Gate gate;
    private final Runnable erased;
    private final Set<Long> waiting = new LinkedHashSet<>();
    private final Set<Long> dropped = new LinkedHashSet<>();

    /// @param erased told when some have left the journal
    Admission(Gate gate, Runnable erased) {
        this.gate = gate;
        this.erased = erased;
    }

    /// The next exchanges that are pending, without those that wait.
    List<Long> next(Journal journal, int most) {
        return journal.pending(most + waiting.size()).stream()
                .filter(seq -> !waiting.contains(seq))
                .limit(most)
                .toList();
    }

    /// Those that have waited, to be looked at once more.
    List<Long> waited() {
        List<Long> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }

    /// How many of them neither wait nor leave.
    int recorded(List<Long> seqs) {
        return Math.toIntExact(seqs.stream()
                .filter(seq -> !waiting.contains(seq) && !dropped.contains(seq))
                .count());
    }

    /// Whether an exchange is recorded now; else it waits, or leaves.
    ///
    /// @param done to be told of a turn that is not recorded: its connection goes on without
    boolean isRecorded(CapturedExchange captured, Projector.Whence whence, Runnable done) {
        boolean isTurn = captured.method().equals(Projector.WEBSOCKET);
        // What follows a turn on its connection cannot be read without it.
        boolean canWait = !isTurn && waiting.size() < MOST_WAITING;
        PrivacyGate.Decision decision = gate.decide(captured, whence, canWait);
        if (decision == PrivacyGate.Decision.DROP) {
            if (isTurn) {
                done.run();
            } else {
                dropped.add(captured.seq());
            }
            return false;
        }
        return decision == PrivacyGate.Decision.RECORD || !waiting.add(captured.seq());
    }

    /// Takes those out that leave.
    void erase(Journal journal) {
        if (!dropped.isEmpty()) {
            journal.pruning().erase(List.copyOf(dropped));
            dropped.clear();
            erased.run();
        }
    }
}
