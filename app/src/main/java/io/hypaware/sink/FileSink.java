package io.hypaware.sink;

import io.hypaware.config.FileSinkConfig;
import io.hypaware.config.SinkConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.journal.SinkLedger;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.read.LeavingRows;
import io.hypaware.sink.otlp.OtlpSink;
import io.hypaware.sink.rows.RowCursor;
import io.hypaware.sink.rows.RowSink;
import io.hypaware.store.Destination;
import io.hypaware.store.LocalFolder;
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
    private final SinkLedger ledger;

    FileSink(OtlpSink.Environment environment, String name, SinkConfig config, SinkLedger ledger) {
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
        try (Destination to = new LocalFolder(Path.of(config.folder().dir()), environment.clock())) {
            RowSink.Outcome outcome = new RowSink(environment.cache(), environment.memoryBytes(), environment.steps())
                    .send(
                            name,
                            ledger,
                            new RowSink.Order(
                                    datasets(files),
                                    form(files),
                                    new RowCursor.Bounds(files.batchRows(), files.batchBytes())),
                            to,
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

    private RowExport.Form form(FileSinkConfig files) {
        boolean isParquet = config.writer().filter(SinkConfig.PARQUET::equals).isPresent();
        String usual = isParquet ? "zstd" : "gzip";
        return new RowExport.Form(
                isParquet ? RowExport.Format.PARQUET : RowExport.Format.JSONL,
                files.compression().isEmpty() ? usual : files.compression());
    }
}
