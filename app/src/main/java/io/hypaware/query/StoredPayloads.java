package io.hypaware.query;

import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Row;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.Scan;
import io.hypaware.payload.Part;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Payloads as they are stored, looked up by their hash in the journal and, where they are no longer there, in
/// the lake: first in the files of the days on which they came, which the journal knows of most.
final class StoredPayloads implements PayloadStore {

    private static final long ENGINE_BYTES = 96L << 20;
    private static final String LAKE = "lake_payloads";

    private final Cache cache;
    private final Optional<Journal> journal;
    private @Nullable Engine engine;
    private List<LiveFile> files = List.of();

    /// Those of them that the engine's view is over.
    private List<LiveFile> viewed = List.of();

    /// @param cache the cache folder, which need not exist yet
    StoredPayloads(Cache cache) {
        this.cache = cache;
        this.journal = Journal.openExisting(cache.journal());
    }

    @Override
    public Map<String, byte[]> elements(Collection<String> hashes) throws SQLException {
        Map<String, byte[]> found = new HashMap<>();
        Set<String> left = new LinkedHashSet<>();
        for (String hash : hashes) {
            journal.flatMap(j -> j.hotPayload(hash))
                    .flatMap(StoredPayloads::bytes)
                    .ifPresentOrElse(bytes -> found.put(hash, bytes), () -> left.add(hash));
        }
        for (int attempt = 0; attempt < 2 && !left.isEmpty() && openLake(left, attempt > 0); attempt++) {
            try (Statement statement = engine().connection().createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT hash, text, CASE WHEN bytes IS NOT NULL THEN to_base64(bytes) END FROM " + LAKE
                                    + " WHERE hash IN (" + list(left) + ") AND parts IS NULL")) {
                while (rows.next()) {
                    String text = rows.getString(2);
                    found.put(
                            rows.getString(1),
                            text != null
                                    ? text.getBytes(StandardCharsets.UTF_8)
                                    : java.util.Base64.getDecoder().decode(rows.getString(3)));
                }
            }
            left.removeAll(found.keySet());
        }
        return found;
    }

    @Override
    public Map<String, Shape> shapes(Collection<String> hashes) throws SQLException {
        Map<String, Shape> shapes = new HashMap<>();
        Set<String> left = new LinkedHashSet<>();
        for (String hash : hashes) {
            Optional<Row> hot = journal.flatMap(j -> j.hotPayload(hash));
            if (hot.isPresent()) {
                shapes.put(
                        hash,
                        new Shape(
                                (Long) hot.get().value("size").orElse(0L),
                                hot.get().value("parts").map(p -> Part.ofJson(p.toString()))));
            } else {
                left.add(hash);
            }
        }
        for (int attempt = 0; attempt < 2 && !left.isEmpty() && openLake(left, attempt > 0); attempt++) {
            try (Statement statement = engine().connection().createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT hash, size, parts FROM " + LAKE + " WHERE hash IN (" + list(left) + ")")) {
                while (rows.next()) {
                    shapes.put(
                            rows.getString(1),
                            new Shape(
                                    rows.getLong(2),
                                    Optional.ofNullable(rows.getString(3)).map(Part::ofJson)));
                }
            }
            left.removeAll(shapes.keySet());
        }
        return shapes;
    }

    private static Optional<byte[]> bytes(Row row) {
        return row.value("text")
                .map(text -> text.toString().getBytes(StandardCharsets.UTF_8))
                .or(() -> row.value("bytes").map(byte[].class::cast));
    }

    private static String list(Collection<String> hashes) {
        return hashes.stream().map(Engine::literal).collect(Collectors.joining(", "));
    }

    private Engine engine() throws SQLException {
        if (engine == null) {
            engine = Engine.open(ENGINE_BYTES, 1, cache.spill());
        }
        return engine;
    }

    /// Makes payloads of the lake readable; false if there are none.
    ///
    /// @param wanted of which the days are tried
    /// @param anew read the metadata again, and look everywhere: what was in the journal may be there by now
    private boolean openLake(Set<String> wanted, boolean anew) throws SQLException {
        if (files.isEmpty() || anew) {
            files = liveFiles();
        }
        List<LiveFile> some = anew ? files : filesOf(wanted);
        if (!some.isEmpty() && !some.equals(viewed)) {
            Scan scan = new Scan(engine(), LAKE, some, new LocalFiles());
            engine().execute("CREATE OR REPLACE VIEW " + LAKE + " AS SELECT * FROM "
                    + scan.from(
                            Datasets.PAYLOADS, some.stream().map(LiveFile::path).toList()));
            viewed = some;
        }
        return !some.isEmpty();
    }

    private List<LiveFile> liveFiles() {
        Optional<Lake> opened = Lake.openExisting(cache);
        if (opened.isEmpty()) {
            return List.of();
        }
        try (Lake lake = opened.get()) {
            return lake.table(Datasets.PAYLOADS).map(LakeTable::files).orElse(List.of());
        }
    }

    /// Files of the days on which payloads came; all, where that is not known of one.
    private List<LiveFile> filesOf(Set<String> wanted) {
        Map<String, LocalDate> known =
                journal.map(open -> open.payloadDays(wanted)).orElse(Map.of());
        if (!known.keySet().containsAll(wanted)) {
            return files;
        }
        Set<LocalDate> days = Set.copyOf(known.values());
        List<LiveFile> some = files.stream()
                .filter(file -> file.day().map(days::contains).orElse(true))
                .toList();
        return some.isEmpty() ? files : some;
    }

    @Override
    public void close() throws SQLException {
        journal.ifPresent(Journal::close);
        if (engine != null) {
            engine.close();
        }
    }
}
