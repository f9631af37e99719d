package io.hypaware.maintain;

import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Journal;
import io.hypaware.project.Projector;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/// Which of the exchanges that are pending are recorded in one run, which wait, and which leave the journal instead.
final class Admission {

    /// Lets all in.
    static final Admission OF_ALL = new Admission((_, _) -> PrivacyGate.Decision.RECORD, () -> {});

    /// Exchanges that wait at once; more are recorded without.
    private static final int MOST_WAITING = 1_000;

    private final BiFunction<CapturedExchange, Projector.Whence, PrivacyGate.Decision> gate;
    private final Runnable erased;
    private final Set<Long> waiting = new LinkedHashSet<>();
    private final Set<Long> dropped = new LinkedHashSet<>();

    /// @param erased told when some have left the journal
    Admission(BiFunction<CapturedExchange, Projector.Whence, PrivacyGate.Decision> gate, Runnable erased) {
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
        PrivacyGate.Decision decision = gate.apply(captured, whence);
        // Who speaks on a connection says from where with each turn.
        boolean canWait = !isTurn && waiting.size() < MOST_WAITING;
        if (decision == PrivacyGate.Decision.DROP) {
            if (isTurn) {
                done.run();
            } else {
                dropped.add(captured.seq());
            }
            return false;
        }
        return decision == PrivacyGate.Decision.RECORD || !canWait || !waiting.add(captured.seq());
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
