package io.hypaware.lake;

import io.hypaware.dataset.Row;
import io.hypaware.engine.Engine;
import io.hypaware.engine.RowTable;
import io.hypaware.testing.TeamWarehouse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Batches of a few payloads, as a machine brings them to a team's table.
final class TeamBatches {

    static final int ROWS = 5;

    static TeamTable.Batch batch(String machine, long number, String token) {
        return new TeamTable.Batch(machine, new TeamTable.Position(number, token), List.of(token));
    }

    static void append(Path folder, TeamTable table, TeamTable.Batch batch) throws Exception {
        table.append(batch, uploaded(folder, table, batch), Optional.empty());
    }

    static List<TeamTable.Uploaded> uploaded(Path folder, TeamTable table, TeamTable.Batch batch) throws Exception {
        Path spill = Files.createTempDirectory(folder, "spill");
        try (Engine engine = Engine.open(64L << 20, 1, spill)) {
            try (RowTable rows = new RowTable(engine, "unit", table.dataset())) {
                for (int i = 0; i < ROWS; i++) {
                    String id = batch.machine() + " " + batch.position().batch() + " " + i;
                    rows.add(
                            Row.of(table.dataset())
                                    .set("hash", id)
                                    .set("size", 1L)
                                    .set("first_seen_at", 1_000_000L * i)
                                    .set("last_seen_at", 1_000_000L * i)
                                    .set(TeamLake.MACHINE, batch.machine())
                                    .set(TeamLake.USER, "u")
                                    .build(id),
                            i + 1);
                }
            }
            List<TeamTable.Uploaded> uploaded = new ArrayList<>();
            for (WrittenFile file : new ParquetWriter(engine, 1 << 20).write(table.target(), "unit", 1000, spill)) {
                uploaded.add(
                        table.upload(file, batch.machine() + "/" + file.path().getFileName()));
            }
            return uploaded;
        }
    }

    /// The ids of a machine's rows.
    static List<String> rows(TeamWarehouse warehouse, Path folder, TeamTable table, String machine) throws Exception {
        try (Engine engine = Engine.open(64L << 20, 1, folder)) {
            List<String> files = new ArrayList<>();
            for (String file : table.files()) {
                files.add(Engine.literal(warehouse.local(file).toString()));
            }
            return engine.strings(
                    "SELECT _row_id FROM read_parquet(" + files + ") WHERE _machine = " + Engine.literal(machine));
        }
    }

    private TeamBatches() {}
}
