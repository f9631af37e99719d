package io.hypaware.maintain.task;

import io.hypaware.journal.SessionClasses;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.legacy.Adoption;
import io.hypaware.legacy.AdoptionRecord;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Task;
import io.hypaware.maintain.Tick;
import io.hypaware.privacy.PrivacyClass;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/// Drops the days that are older than the config keeps them.
public final class RetainTask implements Task {

    @Override
    public String name() {
        return "retention";
    }

    @Override
    public List<Job> jobs(Tick tick) {
        return tick.tables((lake, table) -> retain(tick, lake, table));
    }

    private static void retain(Tick tick, Lake lake, LakeTable table) throws SQLException {
        Optional<LocalDate> firstKept =
                Retention.firstKept(table.dataset(), tick.config().retention(), tick.now());
        Optional<LocalDate> firstLocal =
                Retention.firstKeptOfLocal(table.dataset(), tick.config().retention(), tick.now());
        if (firstKept.isEmpty() && firstLocal.isEmpty()) {
            return;
        }
        // What was adopted can be given back for a day; it has to be there for that.
        Optional<Instant> restorable = AdoptionRecord.newest(table).map(at -> at.plus(Adoption.RESTORE_FOR));
        if (restorable.isPresent() && restorable.get().isAfter(tick.now())) {
            tick.add(new Event.Skipped(
                    table.dataset().name(),
                    "",
                    "nothing is dropped before " + restorable.get() + ", while an adopted partition can be restored"));
            return;
        }
        Retention retention = new Retention(lake, tick);
        if (firstKept.isPresent()) {
            retention.run(table, firstKept.get()).ifPresent(tick::add);
        }
        if (firstLocal.isPresent()) {
            List<String> local = tick.journal().sessionClasses().all(PrivacyClass.LOCAL_ONLY.word()).stream()
                    .map(SessionClasses.Decided::session)
                    .toList();
            LakeTable now = lake.table(table.dataset()).orElseThrow();
            retention.run(now, firstLocal.get(), local).ifPresent(tick::add);
        }
    }
}
