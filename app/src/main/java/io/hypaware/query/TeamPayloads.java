package io.hypaware.query;

import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Scan;
import io.hypaware.payload.Part;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/// Payloads of a team's lake. What a hash stands for is the same whichever machine brought it, so that the nearest will
/// do: those of the machines that are asked for come first, then of the days that are read, then of the days before,
/// in which a value may have been seen first. Files are looked into as far as it takes, some at a time; which has what
/// is
/// kept in a table of the engine.
final class TeamPayloads implements PayloadStore {

    private static final long ENGINE_BYTES = 96L << 20;

    /// As many as are worth a query of their own.
    private static final int FILES_AT_A_TIME = 100;

    /// Who shares it is told apart by the file.
    private static final String KEY = "hash(hash)";

    private final Cache cache;
    private final Supplier<Optional<Table>> opening;
    private @Nullable Engine engine;
    private @Nullable Scan scan;
    private final Deque<LiveFile> left = new ArrayDeque<>();
    private final List<Path> known = new ArrayList<>();

    /// The team's payloads.
    ///
    /// @param dataset as it is stored
    /// @param near files of the machines that are asked for, if some are
    /// @param all files
    /// @param days of the rows that are read
    record Table(Dataset dataset, FileIO io, List<LiveFile> near, List<LiveFile> all, NavigableSet<LocalDate> days) {

        /// All files, the likeliest first.
        List<LiveFile> inOrder() {
            List<LiveFile> ordered = new ArrayList<>(byDay(near));
            Set<Path> first = near.stream().map(LiveFile::path).collect(Collectors.toCollection(HashSet::new));
            ordered.addAll(byDay(
                    all.stream().filter(file -> !first.contains(file.path())).toList()));
            return ordered;
        }

        private List<LiveFile> byDay(List<LiveFile> files) {
            return files.stream()
                    .sorted(java.util.Comparator.comparingLong(this::distance))
                    .toList();
        }

        /// How unlikely a file is: days before what is read are likelier than days after it.
        private long distance(LiveFile file) {
            if (file.day().isEmpty() || days.isEmpty()) {
                return 0;
            }
            LocalDate day = file.day().get();
            LocalDate later = days.ceiling(day);
            return later != null ? later.toEpochDay() - day.toEpochDay() : day.toEpochDay();
        }
    }

    /// @param opening asked when the first payload is looked for
    TeamPayloads(Cache cache, Supplier<Optional<Table>> opening) {
        this.cache = cache;
        this.opening = opening;
    }

    @Override
    public Map<String, byte[]> elements(Collection<String> hashes) throws SQLException {
        Map<String, byte[]> found = new HashMap<>();
        look(hashes, "text, CASE WHEN bytes IS NOT NULL THEN to_base64(bytes) END", " AND parts IS NULL", row -> {
            String text = row.getString(2);
            found.put(
                    row.getString(1),
                    text != null
                            ? text.getBytes(StandardCharsets.UTF_8)
                            : Base64.getDecoder().decode(row.getString(3)));
            return row.getString(1);
        });
        return found;
    }

    @Override
    public Map<String, Shape> shapes(Collection<String> hashes) throws SQLException {
        Map<String, Shape> found = new HashMap<>();
        look(hashes, "size, parts", "", row -> {
            found.put(
                    row.getString(1),
                    new Shape(
                            row.getLong(2),
                            Optional.ofNullable(row.getString(3)).map(Part::ofJson)));
            return row.getString(1);
        });
        return found;
    }

    @FunctionalInterface
    private interface RowReader {
        /// @return the hash that was found
        String read(ResultSet row) throws SQLException;
    }

    private void look(Collection<String> hashes, String columns, String only, RowReader reader) throws SQLException {
        Set<String> wanted = new LinkedHashSet<>(hashes);
        Scan files = open();
        if (files == null) {
            return;
        }
        List<Path> candidates = candidates(wanted, 0);
        while (!wanted.isEmpty()) {
            if (!candidates.isEmpty()) {
                try (Statement statement = engine().connection().createStatement();
                        ResultSet rows = statement.executeQuery("SELECT hash, " + columns + " FROM "
                                + files.from(candidates) + " WHERE hash IN (" + list(wanted) + ")" + only)) {
                    while (rows.next()) {
                        wanted.remove(reader.read(rows));
                    }
                }
            }
            if (wanted.isEmpty() || left.isEmpty()) {
                return;
            }
            int before = known.size();
            learnMore(files);
            candidates = candidates(wanted, before);
        }
    }

    /// Files, from a number on, in which the payloads may be.
    private List<Path> candidates(Set<String> wanted, int from) throws SQLException {
        if (wanted.isEmpty() || known.isEmpty()) {
            return List.of();
        }
        // Of several files that have one, the first will do.
        return engine()
                .strings("SELECT DISTINCT file FROM (SELECT min(file) AS file FROM known WHERE file >= " + from
                        + " AND key IN (SELECT " + KEY + " FROM (VALUES "
                        + wanted.stream()
                                .map(hash -> "(" + Engine.literal(hash) + ")")
                                .collect(Collectors.joining(", "))
                        + ") AS wanted (hash)) GROUP BY key)")
                .stream()
                .map(number -> known.get(Integer.parseInt(number)))
                .toList();
    }

    /// Notes down which payloads are in some more files.
    private void learnMore(Scan files) throws SQLException {
        List<Path> next = new ArrayList<>();
        while (next.size() < FILES_AT_A_TIME && !left.isEmpty()) {
            next.add(left.removeFirst().path());
        }
        StringBuilder numbers = new StringBuilder();
        for (Path path : next) {
            numbers.append(numbers.isEmpty() ? "" : ", ")
                    .append("(")
                    .append(Engine.literal(path.toString()))
                    .append(", ")
                    .append(known.size())
                    .append(")");
            known.add(path);
        }
        engine().execute("INSERT INTO known SELECT " + KEY + ", n.number FROM " + files.fromWithPlaces(next, false)
                + " f JOIN (VALUES " + numbers + ") AS n (path, number) ON f.filename = n.path");
    }

    private @Nullable Scan open() throws SQLException {
        if (scan == null) {
            Optional<Table> table = opening.get();
            if (table.isPresent() && !table.get().all().isEmpty()) {
                left.addAll(table.get().inOrder());
                engine().execute("CREATE TABLE known (key UBIGINT, file INTEGER)");
                scan = new Scan(
                        engine(), "payloads", table.get().all(), table.get().io());
            }
        }
        return scan;
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

    @Override
    public void close() throws SQLException {
        if (engine != null) {
            engine.close();
        }
    }
}
