package io.hypaware.sink;

import io.hypaware.config.FileSinkConfig;
import io.hypaware.config.IcebergSinkConfig;
import io.hypaware.config.S3Config;
import io.hypaware.config.SinkConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Hashes;
import io.hypaware.journal.RowLedger;
import io.hypaware.journal.SinkLedger;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import io.hypaware.sink.iceberg.ExportedTable;
import io.hypaware.sink.iceberg.TableBatches;
import io.hypaware.sink.iceberg.TableMaintenance;
import io.hypaware.sink.otlp.OtlpSink;
import io.hypaware.sink.rows.BatchWriter;
import io.hypaware.sink.rows.RowCursor;
import io.hypaware.sink.rows.RowFiles;
import io.hypaware.sink.rows.RowSink;
import io.hypaware.store.Destination;
import io.hypaware.store.LocalFolder;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.S3Bucket;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/// A sink of the config that writes rows to files: a writer, and a destination.
final class FileSink implements Sink {

    private final OtlpSink.Environment environment;
    private final String name;
    private final SinkConfig config;
    private final Optional<S3Config> bucket;
    private final SinkLedger ledger;

    /// @param bucket where it writes to, if that is one
    FileSink(
            OtlpSink.Environment environment,
            String name,
            SinkConfig config,
            Optional<S3Config> bucket,
            SinkLedger ledger) {
        this.bucket = bucket;
        this.environment = environment;
        this.name = name;
        this.config = config;
        this.ledger = ledger;
    }

    @Override
    public Outcome send(Optional<Duration> time) throws QueryException, SQLException, IOException {
        FileSinkConfig files = config.files();
        // What is recorded from now on is for the next run.
        long last = ledger.lastPosition();
        Optional<Instant> end = time.map(environment.clock().instant()::plus);
        BooleanSupplier isEnough =
                () -> end.filter(environment.clock().instant()::isAfter).isPresent();
        try (Destination to = destination()) {
            RowSink.Outcome outcome = new RowSink(environment.cache(), environment.memoryBytes(), environment.steps())
                    .send(
                            name,
                            ledger,
                            new RowSink.Order(
                                    datasets(files),
                                    new RowCursor.Bounds(files.batchRows(), files.batchBytes()),
                                    origin -> writer(files, to, origin),
                                    files.isByReference(),
                                    bucket.map(S3Config::shown)
                                            .orElseGet(() -> config.folder().dir())),
                            isEnough);
            if (outcome.isWhole()) {
                ledger.passed(name, last, 0);
            }
            return outcome;
        }
    }

    private static List<Dataset> datasets(FileSinkConfig files) throws SinkException {
        List<Dataset> all = LeavingRows.datasets();
        if (files.datasets().isEmpty()) {
            return all;
        }
        List<Dataset> wanted = new ArrayList<>();
        for (String dataset : files.datasets()) {
            wanted.add(all.stream()
                    .filter(one -> one.name().equals(dataset))
                    .findFirst()
                    .orElseThrow(() -> new SinkException("dataset_unknown: there is no dataset " + dataset
                            + " that is written to files; there are: "
                            + all.stream().map(Dataset::name).collect(Collectors.joining(", ")))));
        }
        return wanted;
    }

    /// Those that tables are made of.
    private static List<Dataset> tables(FileSinkConfig files) throws SinkException {
        List<Dataset> all = new ArrayList<>(datasets(files));
        if (files.isByReference()) {
            all.add(Datasets.PAYLOADS);
        }
        return all;
    }

    /// What is kept small of what was written.
    ///
    /// @param dryRun say what there is to do, and do nothing
    String maintain(boolean dryRun) throws SQLException, IOException {
        if (!config.isTables()) {
            return "files are written once and stay as they are; tables of " + SinkConfig.ICEBERG
                    + " can be maintained";
        }
        Optional<RowLedger> opened = RowLedger.openExisting(environment.cache().journal(), name);
        if (opened.isEmpty()) {
            return "nothing was recorded yet";
        }
        try (RowLedger sent = opened.get();
                Destination to = destination()) {
            TableMaintenance.Result all = TableMaintenance.Result.NOTHING;
            List<String> waiting = new ArrayList<>();
            TableMaintenance maintenance = new TableMaintenance(
                    environment.cache(), environment.memoryBytes(), tables(to), writerName(sent.origin()));
            for (Dataset dataset : tables(config.files())) {
                if (sent.intended(dataset.name()).isPresent()) {
                    waiting.add(dataset.name());
                } else {
                    Instant now = environment.clock().instant();
                    all = all.plus(
                            dryRun
                                    ? maintenance.plan(dataset, now)
                                    : maintenance.run(dataset, compression(config.files()), now));
                }
            }
            return (waiting.isEmpty()
                            ? ""
                            : "a batch is on its way to " + String.join(", ", waiting) + ": hyp sink force; ")
                    + all.text(dryRun);
        }
    }

    private Destination destination() throws IOException {
        if (bucket.isPresent()) {
            return S3Bucket.open(bucket.get());
        }
        Path folder = Path.of(config.folder().dir());
        Optional<String> refusal = environment.cache().refusal(folder);
        if (refusal.isPresent()) {
            throw new SinkException(refusal.get());
        }
        return new LocalFolder(folder, environment.clock());
    }

    private BatchWriter writer(FileSinkConfig files, Destination to, String origin) {
        return config.isTables()
                ? new TableBatches(tables(to), compression(files), writerName(origin), environment.clock())
                : new RowFiles(
                        to,
                        new RowExport.Form(
                                isLines() ? RowExport.Format.JSONL : RowExport.Format.PARQUET, compression(files)),
                        origin);
    }

    private boolean isLines() {
        return config.writer().filter(SinkConfig.JSONL::equals).isPresent();
    }

    private String compression(FileSinkConfig files) {
        String usual = isLines() ? "gzip" : "zstd";
        return files.compression().isEmpty() ? usual : files.compression();
    }

    private TableBatches.Place tables(Destination to) {
        IcebergSinkConfig tables = config.tables();
        return new TableBatches.Place(
                to,
                new ObjectKey(tables.prefix()),
                new ExportedTable.Keep(
                        tables.maintenance().minSnapshotsToKeep(),
                        Duration.ofHours(tables.maintenance().maxSnapshotAgeHours())));
    }

    /// A sink may be called anything.
    private String writerName(String origin) {
        return origin + "-" + (name.matches("[A-Za-z0-9_-]{1,40}") ? name : Hashes.shortHash(name));
    }
}
