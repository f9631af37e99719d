package io.hypaware.maintain.task;

import io.hypaware.journal.SecretLedger;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.SecretScan;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import io.hypaware.project.Messages;
import io.hypaware.query.QueryException;
import io.hypaware.secret.Secrets;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/// Looks for secrets in what is new, where the config asks for it, and forgets those of days that are not kept.
public final class SecretsTask implements Task {

    @Override
    public String name() {
        return "secrets";
    }

    @Override
    public List<Job> jobs(Tick tick) {
        return tick.isDryRun() || !tick.cache().hasJournal()
                ? List.of()
                : List.of(new Job("", name(), () -> {
                    forget(tick);
                    if (tick.watched().isPresent()) {
                        look(tick, tick.watched().get());
                    }
                }));
    }

    private static void forget(Tick tick) {
        Optional<Instant> firstKept = Retention.firstKept(
                        Messages.DATASET, tick.config().retention(), tick.now())
                .map(SecretsTask::start);
        Optional<SecretLedger> opened = firstKept.isEmpty()
                ? Optional.empty()
                : SecretLedger.openExisting(tick.cache().journal());
        if (opened.isPresent()) {
            try (SecretLedger ledger = opened.get()) {
                ledger.forgetBefore(firstKept.orElseThrow());
            }
        }
    }

    private void look(Tick tick, Secrets secrets) throws SQLException, IOException {
        try {
            long looked = new SecretScan(
                            tick.cache(), tick.config().maintenance().memoryBytes(), secrets)
                    .run(tick.progress(), () -> tick.isTooLateFor("", name()));
            if (looked > 0) {
                tick.add(new Event.Done(
                        name(), Messages.DATASET.name(), "%,d texts looked through for secrets".formatted(looked)));
            }
        } catch (QueryException e) {
            throw new SQLException("secrets cannot be looked for: " + e.getMessage(), e);
        }
    }

    private static Instant start(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
