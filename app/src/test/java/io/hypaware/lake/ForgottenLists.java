package io.hypaware.lake;

import io.hypaware.engine.Engine;
import io.hypaware.home.Folders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;

/// Writes the list of forgotten payloads, as a collection does.
public final class ForgottenLists {

    /// Payloads of a machine are forgotten by a run.
    ///
    /// @return up to where the list goes with them
    public static Fence forget(TeamLake lake, String machine, Collection<String> hashes, String run) throws Exception {
        lake.forgottenOrCreate();
        Table table = lake.catalog().loadTable(TableIdentifier.of(lake.namespace(), ForgottenPayloads.TABLE));
        String location = table.locationProvider().newDataLocation(run + "-" + machine + ".parquet");
        Path folder = Files.createTempDirectory("forgotten");
        Path file = folder.resolve("list.parquet");
        try (Engine engine = Engine.open(64L << 20, 1, folder)) {
            String values = hashes.stream()
                    .map(hash -> "('%s', '%s', '%s', TIMESTAMPTZ '2026-01-02 03:04:05Z', 1::BIGINT)"
                            .formatted(machine, hash, run))
                    .collect(Collectors.joining(", "));
            engine.execute("COPY (FROM (VALUES " + values + ") AS v(machine, hash, run, forgotten_at, brought)) TO "
                    + Engine.literal(file.toString())
                    + " (FORMAT parquet, FIELD_IDS {machine: 1, hash: 2, run: 3, forgotten_at: 4, brought: 5})");
        }
        ((AppendOnlyFiles) table.io()).put(file, location);
        table.newAppend()
                .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                        .withPath(location)
                        .withFormat("parquet")
                        .withFileSizeInBytes(Files.size(file))
                        .withRecordCount(hashes.size())
                        .build())
                .commit();
        Folders.delete(folder);
        return lake.forgottenOrCreate().fence();
    }

    /// The list is lost.
    public static void drop(TeamLake lake) {
        lake.catalog().dropTable(TableIdentifier.of(lake.namespace(), ForgottenPayloads.TABLE), false);
    }

    private ForgottenLists() {}
}
