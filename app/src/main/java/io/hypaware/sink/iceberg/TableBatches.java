package io.hypaware.sink.iceberg;

import io.hypaware.dataset.Dataset;
import io.hypaware.journal.RowBatch;
import io.hypaware.query.RowExport;
import io.hypaware.sink.iceberg.ExportedTable.Batch;
import io.hypaware.sink.rows.BatchWriter;
import io.hypaware.sink.rows.StagedBatch;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/// Batches of rows as appends to Iceberg tables, one for each dataset.
public final class TableBatches implements BatchWriter {

    private static final Logger LOG = Logger.getLogger(TableBatches.class.getName());

    private final Place place;
    private final String compression;
    private final String writer;
    private final Clock clock;
    private final Map<Dataset, ExportedTable> tables = new LinkedHashMap<>();

    /// Where tables are.
    public record Place(Destination to, ObjectKey prefix, ExportedTable.Keep keep) {

        public ExportedTable table(Dataset dataset) {
            return new ExportedTable(to, prefix, dataset, keep);
        }
    }

    /// @param writer whose batches those are: a journal and a sink
    public TableBatches(Place place, String compression, String writer, Clock clock) {
        this.place = place;
        this.compression = compression;
        this.writer = writer;
        this.clock = clock;
    }

    private ExportedTable table(Dataset dataset) {
        return tables.computeIfAbsent(dataset, place::table);
    }

    @Override
    public RowExport.Form form(Dataset dataset) throws StoreException {
        return new RowExport.Form(
                RowExport.Format.PARQUET, compression, table(dataset).fieldIds());
    }

    /// Batches of one adopted partition have one name, and numbers of their own.
    private Batch batch(RowBatch batch) {
        return new Batch(writer, batch.name() + "." + batch.number());
    }

    private static List<DayFile> files(StagedBatch staged) {
        return staged.files().stream()
                .map(file -> new DayFile(
                        file.day().date(),
                        file.file(),
                        file.sha256(),
                        file.facts().orElseThrow()))
                .toList();
    }

    @Override
    public Set<String> keys(StagedBatch staged) throws StoreException {
        return table(staged.dataset()).keys(batch(staged.batch()), files(staged)).stream()
                .map(ObjectKey::path)
                .collect(Collectors.toSet());
    }

    @Override
    public boolean isThere(StagedBatch staged) throws StoreException {
        return table(staged.dataset())
                .lastBatch(writer)
                .filter(last -> number(last) >= staged.batch().number())
                .isPresent();
    }

    /// As [#batch] names it; of what has another name nothing is known.
    private static long number(String name) {
        String number = name.substring(name.lastIndexOf('.') + 1);
        return number.matches("[0-9]{1,18}") ? Long.parseLong(number) : 0;
    }

    @Override
    public void put(StagedBatch staged, Runnable put) throws IOException {
        ExportedTable table = table(staged.dataset());
        table.append(batch(staged.batch()), files(staged));
        put.run();
        Set<String> keys = keys(staged);
        List<ObjectKey> others = staged.batch().keys().stream()
                .filter(key -> !keys.contains(key))
                .map(ObjectKey::new)
                .toList();
        if (!others.isEmpty()) {
            table.drop(batch(staged.batch()), others);
        }
    }

    /// Each run makes a snapshot, and all are told in each metadata file. What cannot be expired now is later.
    @Override
    public void end() {
        tables.forEach((dataset, table) -> {
            try {
                if (table.isCrowded(clock.instant())) {
                    table.expire(clock.instant());
                }
            } catch (StoreException e) {
                LOG.log(Level.WARNING, "snapshots of the exported table of " + dataset.name() + " stay for now", e);
            }
        });
    }
}
