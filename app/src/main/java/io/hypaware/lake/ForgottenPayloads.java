package io.hypaware.lake;

import io.hypaware.engine.Engine;
import io.hypaware.home.Folders;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.ThreadPools;

/// The list of payloads that a team's lake has forgotten, as it was when it was loaded: nothing refers to them, and
/// they are going to be dropped. The collection writes it. Machines read it, and say so in a property of their own;
/// payloads of a machine that does not are not forgotten.
public final class ForgottenPayloads {

    public static final String TABLE = "payload_forgotten";

    /// Behind it stands a machine's id: up to where it has read.
    private static final String READ = "hypaware.machine.";

    /// When there was a collection, and up to which commit of the payloads' table there was any then.
    private static final String COLLECTED = "hypaware.collected";

    /// That are copied of the list where it is in a bucket: some ten million entries.
    private static final long MOST_BYTES = 1L << 30;

    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "machine", Types.StringType.get()),
            Types.NestedField.required(2, "hash", Types.StringType.get()),
            Types.NestedField.required(3, "run", Types.StringType.get()),
            Types.NestedField.required(4, "forgotten_at", Types.TimestampType.withZone()),
            // The last commit of the payloads' table that had brought it by then.
            Types.NestedField.required(5, "brought", Types.LongType.get()));

    private final Table table;

    private ForgottenPayloads(Table table) {
        this.table = table;
    }

    /// A forgotten payload of a machine.
    ///
    /// @param run of the collection that has forgotten it
    public record Entry(String hash, String run) {}

    /// A collection that is done.
    ///
    /// @param sequence of the payloads' table at its end
    public record Collected(Instant at, long sequence) {}

    static Optional<ForgottenPayloads> of(Catalog catalog, TableIdentifier identifier) {
        try {
            return Optional.of(new ForgottenPayloads(catalog.loadTable(identifier)));
        } catch (NoSuchTableException e) {
            return Optional.empty();
        }
    }

    static ForgottenPayloads create(Catalog catalog, TableIdentifier identifier, Map<String, String> properties) {
        try {
            return new ForgottenPayloads(catalog.buildTable(identifier, SCHEMA)
                    .withSortOrder(SortOrder.builderFor(SCHEMA)
                            .asc("machine")
                            .asc("hash")
                            .build())
                    .withProperties(properties)
                    .create());
        } catch (AlreadyExistsException e) {
            return new ForgottenPayloads(catalog.loadTable(identifier));
        }
    }

    /// Looks at what it is now.
    public void refresh() {
        table.refresh();
    }

    /// Up to where it goes.
    public Fence fence() {
        return new Fence(
                table.uuid().toString(),
                ((BaseTable) table).operations().current().lastSequenceNumber());
    }

    /// What of a machine's payloads is forgotten. One that is not any more may be among them, which costs that it is
    /// sent again.
    ///
    /// @param spill a folder for what an engine does not hold
    public List<Entry> of(String machine, long memoryBytes, Path spill) {
        try {
            Path copies = Files.createTempDirectory(HypHome.privateFolder(spill), "spill-forgotten-");
            try {
                return read(machine, files(machine, copies), memoryBytes, spill);
            } finally {
                Folders.deleteIfThere(copies);
            }
        } catch (SQLException | IOException | UncheckedIOException e) {
            throw new LakeException(
                    "the team's table " + table.name() + " cannot be read; nothing was sent: " + Failures.told(e), e);
        }
    }

    private static List<Entry> read(String machine, List<String> files, long memoryBytes, Path spill)
            throws SQLException {
        if (files.isEmpty()) {
            return List.of();
        }
        String sql = "SELECT hash, run FROM read_parquet([" + String.join(", ", files)
                + "], hive_partitioning = false) WHERE machine = ? AND regexp_full_match(hash, '[0-9a-f]{64}')";
        try (Engine engine = Engine.forMaintenance(memoryBytes, spill);
                PreparedStatement query = engine.connection().prepareStatement(sql)) {
            query.setString(1, machine);
            List<Entry> found = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    found.add(new Entry(row.getString(1), row.getString(2)));
                }
            }
            return found;
        }
    }

    private List<String> files(String machine, Path copies) throws IOException {
        AppendOnlyFiles warehouse = (AppendOnlyFiles) table.io();
        List<String> files = new ArrayList<>();
        long left = MOST_BYTES;
        try (CloseableIterable<FileScanTask> tasks = table.newScan()
                .planWith(ThreadPools.getWorkerPool())
                .filter(Expressions.equal("machine", machine))
                .planFiles()) {
            for (FileScanTask task : tasks) {
                Path file = warehouse.onDisk(task.file().location(), copies, left);
                left -= Files.size(file);
                files.add(Engine.literal(file.toString()));
            }
        }
        return files;
    }

    /// Says that a machine has read up to where the list went when it was loaded.
    public void confirm(String machine) {
        long read = fence().sequence();
        if (!Long.toString(read).equals(table.properties().get(READ + machine))) {
            table.updateProperties().set(READ + machine, Long.toString(read)).commit();
        }
    }

    /// How far each machine has read.
    public Map<String, Long> read() {
        return table.properties().entrySet().stream()
                .filter(property -> property.getKey().startsWith(READ)
                        && property.getValue().matches("[0-9]{1,18}"))
                .collect(Collectors.toMap(
                        property -> property.getKey().substring(READ.length()),
                        property -> Long.parseLong(property.getValue())));
    }

    /// The last collection.
    public Optional<Collected> collected() {
        String[] parts = table.properties().getOrDefault(COLLECTED, "").split(" ", -1);
        return parts.length == 2
                ? Optional.of(new Collected(Instant.parse(parts[0]), Long.parseLong(parts[1])))
                : Optional.empty();
    }

    /// Writes down that a collection is done.
    public void collected(Collected collected) {
        table.updateProperties()
                .set(COLLECTED, collected.at() + " " + collected.sequence())
                .commit();
    }

    static Map<String, String> properties(Map<String, String> ofTables) {
        Map<String, String> properties = new HashMap<>(ofTables);
        // What was forgotten is taken off the list by rewriting: machines read no deletes.
        properties.put("write.delete.mode", "copy-on-write");
        return properties;
    }
}
