package io.hypaware.sink.team;

import io.hypaware.journal.RowLedger;
import io.hypaware.journal.TeamLedger;
import io.hypaware.lake.Fence;
import io.hypaware.lake.ForgottenPayloads;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.TeamLake;
import io.hypaware.lake.TeamTable;
import java.util.List;
import java.util.Optional;

/// Reads which of this machine's payloads the team's lake has forgotten: they count as not there from then on, and are
/// sent again when rows need them.
final class ForgottenReader {

    private final Forward.Environment environment;
    private final TeamLake lake;
    private final TeamLedger payloads;
    private final String machine;

    ForgottenReader(Forward.Environment environment, TeamLake lake, TeamLedger payloads, RowLedger ledger) {
        this.environment = environment;
        this.lake = lake;
        this.payloads = payloads;
        this.machine = ledger.origin();
    }

    /// Up to where it is read.
    Optional<Fence> fence() {
        return payloads.fence().map(Fence::parse);
    }

    /// Reads what is on the list by now, for payloads of a machine that has nothing to send are dropped, too.
    void read() {
        lake.forgotten().ifPresent(this::read);
    }

    /// Reads what must be known before rows go to a table. One that has no fence yet may get its first at any time: who
    /// looks after it is there has seen what was forgotten before that.
    void readFor(TeamTable table) {
        Optional<Fence> needed = table.fence();
        if (needed.isEmpty()
                || fence().filter(read -> read.covers(needed.get())).isEmpty()) {
            Optional<ForgottenPayloads> list = lake.forgotten();
            list.ifPresent(this::read);
            if (needed.isPresent()
                    && list.filter(one -> one.fence().covers(needed.get())).isEmpty()) {
                throw new LakeException(
                        "the team's table " + ForgottenPayloads.TABLE + ", which says which payloads are"
                                + " forgotten, is gone or not as it was; nothing was sent. The next hyp lake maintain mends it");
            }
        }
    }

    private void read(ForgottenPayloads list) {
        Fence now = list.fence();
        Optional<Fence> before = fence();
        if (before.filter(now::equals).isPresent()) {
            return;
        }
        if (before.filter(known -> !known.list().equals(now.list())).isPresent()) {
            // What stood in the one before is not known any more.
            payloads.forgetAll();
        }
        List<ForgottenPayloads.Entry> entries = list.of(
                machine, environment.config().memoryBytes(), environment.cache().spill());
        payloads.forget(entries.stream()
                .map(entry -> new TeamLedger.Forgotten(entry.hash(), entry.run()))
                .toList());
        // What is confirmed is taken off the list: it must not be lost here.
        payloads.sync();
        list.confirm(machine);
        payloads.reached(now.text());
        environment.steps().accept(ForwardStep.FORGOTTEN);
    }
}
