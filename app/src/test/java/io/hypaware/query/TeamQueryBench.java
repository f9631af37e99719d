package io.hypaware.query;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.lake.ParquetWriter;
import io.hypaware.lake.TeamLake;
import io.hypaware.lake.TeamTable;
import io.hypaware.lake.WrittenFile;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Messages;
import io.hypaware.testing.TeamWarehouse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Makes the lake of a team of many machines, each with a file a day in each table, and serves its catalog until it is
/// told to end; queries over it are measured by the program itself. Arguments: a folder, machines, days.
final class TeamQueryBench {

    private static final int ROWS_A_DAY = 200;
    private static final int PAYLOADS_A_DAY = 20;

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int machines = Integer.parseInt(arguments[1]);
        int days = Integer.parseInt(arguments[2]);
        try (TeamWarehouse warehouse = new TeamWarehouse(folder.resolve("warehouse"))) {
            try (TeamLake lake = TeamLake.open(warehouse.lake("bench"))) {
                for (Dataset dataset : List.of(Datasets.PAYLOADS, Messages.DATASET, ExchangeRow.DATASET)) {
                    for (int machine = 0; machine < machines; machine++) {
                        bring(lake.tableOrCreate(dataset), machine, days, folder);
                    }
                }
            }
            Files.writeString(
                    folder.resolve("hypaware-config.json"),
                    "{\"version\": 2, \"lake\": " + warehouse.section("bench") + "}");
            System.out.println("made");
            System.in.read();
        }
    }

    private static void bring(TeamTable table, int machine, int days, Path folder) throws Exception {
        Dataset dataset = table.dataset();
        boolean payloads = dataset.name().equals(Datasets.PAYLOADS.name());
        int rows = payloads ? PAYLOADS_A_DAY : ROWS_A_DAY;
        String columns = dataset.storedColumns().stream()
                .map(column -> value(column.name(), column.type().storedSql(), column.required(), dataset, machine)
                        + "::" + column.type().storedSql() + " AS " + Engine.identifier(column.name()))
                .collect(Collectors.joining(", "));
        Path work = Files.createTempDirectory(folder, "work");
        try (Engine engine = Engine.open(256L << 20, 2, work)) {
            engine.execute("CREATE TABLE unit AS SELECT " + columns + " FROM range(" + days + ") AS d (day), range("
                    + rows + ") AS r (n)");
            List<TeamTable.Uploaded> uploaded = new ArrayList<>();
            for (WrittenFile file : new ParquetWriter(engine, 32 << 20).write(table.target(), "unit", 1 << 20, work)) {
                uploaded.add(
                        table.upload(file, "m" + machine + "/" + file.path().getFileName()));
            }
            table.append(
                    new TeamTable.Batch("m" + machine, new TeamTable.Position(1, "t"), List.of("t")),
                    uploaded,
                    java.util.Optional.empty());
        }
    }

    /// A payload is first seen on its day; rows refer to those of their day, and one row in ten to one of the first.
    private static String value(String column, String type, boolean required, Dataset dataset, int machine) {
        String hash = "sha256('%d ' || %s || ' ' || (n %% %d))".formatted(machine, "day", PAYLOADS_A_DAY);
        String old = "sha256('%d 0 ' || (n %% %d))".formatted(machine, PAYLOADS_A_DAY);
        if (column.equals(dataset.primaryTime()) || column.equals("last_seen_at")) {
            return "(TIMESTAMPTZ '2026-01-01 08:00:00+00' + to_days(day::INTEGER) + to_seconds(n))";
        }
        return switch (column) {
            case "hash" -> hash;
            case "text" -> "repeat(" + hash + ", 100)";
            case "size" -> "6400";
            case "system_text", "request_body" -> "CASE WHEN n % 10 = 0 THEN " + old + " ELSE " + hash + " END";
            case "date" -> "strftime(TIMESTAMP '2026-01-01' + to_days(day::INTEGER), '%Y-%m-%d')";
            case "content_text" -> "repeat('some words ' || n || ' ', 20)";
            case "session_id", "conversation_id" -> "'s" + machine + " ' || day || ' ' || (n // 50)";
            case "_machine" -> "'m" + machine + "'";
            case "_user" -> "'u" + machine + "'";
            case "_row_id" -> "'" + machine + " ' || day || ' ' || n";
            case "role" -> "'user'";
            default -> !required ? "NULL" : type.equals("VARCHAR") ? "'x'" : "1";
        };
    }

    private TeamQueryBench() {}
}
