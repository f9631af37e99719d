package io.hypaware.query;

import static java.util.Objects.requireNonNull;

import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Scan;
import io.hypaware.lake.TeamTable;
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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;

/// Payloads of a team's lake. What a hash stands for is the same whichever machine brought it, so that the nearest will
/// do: those of the machines that are asked for come first, then of the days that are read, then of the days before,
/// in which a value may have been seen first. Files are looked into as far as it takes, some at a time; which has what
/// is kept in a table of the engine.
final class TeamPayloads implements PayloadStore {

    private static final long ENGINE_BYTES = 96L << 20;

    /// As many as are worth a query of their own.
    private static final int FILES_AT_A_TIME = 100;

    /// Of what has to be fetched for a look into it.
    private static final long FIRST_BYTES = 8 << 20;

    private static final long MOST_STEP_BYTES = 128 << 20;

    /// The one who maintains a lake drops files that a query is about to read.
    private static final int MOST_ATTEMPTS = 3;

    /// Who shares it is told apart by the file.
    private static final String KEY = "hash(hash)";

    private final Cache cache;
    private final Supplier<Optional<Table>> opening;
    private final TeamFiles reading;
    private @Nullable Engine engine;
    private @Nullable Table table;
    private final Deque<LiveFile> left = new ArrayDeque<>();
    private final List<Known> known = new ArrayList<>();
    private long stepBytes = FIRST_BYTES;

    /// A file of which is known what is in it.
    private record Known(String location, Path path, Scan scan) {}

    /// The team's payloads.
    ///
    /// @param near files of the machines that are asked for, if some are
    /// @param all files
    /// @param days of the rows that are read
    record Table(TeamTable table, List<LiveFile> near, List<LiveFile> all, NavigableSet<LocalDate> days) {

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
    TeamPayloads(Cache cache, TeamFiles reading, Supplier<Optional<Table>> opening) {
        this.cache = cache;
        this.reading = reading;
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
        open();
        List<Known> candidates = candidates(wanted, 0);
        while (!wanted.isEmpty()) {
            if (!candidates.isEmpty()) {
                try (Statement statement = engine().connection().createStatement();
                        ResultSet rows = statement.executeQuery("SELECT hash, " + columns + " FROM " + from(candidates)
                                + " WHERE hash IN (" + list(wanted) + ")" + only)) {
                    while (rows.next()) {
                        wanted.remove(reader.read(rows));
                    }
                }
            }
            if (wanted.isEmpty() || left.isEmpty()) {
                return;
            }
            int before = known.size();
            learnMore();
            candidates = candidates(wanted, before);
        }
    }

    private static String from(List<Known> files) {
        Map<Scan, List<Path>> byScan = new LinkedHashMap<>();
        files.forEach(file ->
                byScan.computeIfAbsent(file.scan(), _ -> new ArrayList<>()).add(file.path()));
        return byScan.entrySet().stream()
                .map(one -> "SELECT * FROM " + one.getKey().from(one.getValue()))
                .collect(Collectors.joining(" UNION ALL BY NAME ", "(", ")"));
    }

    /// Files, from a number on, in which the payloads may be.
    private List<Known> candidates(Set<String> wanted, int from) throws SQLException {
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
    private void learnMore() throws SQLException {
        TeamFiles.Reachable next = reachable();
        if (next.files().isEmpty()) {
            return;
        }
        Scan scan = new Scan(engine(), "payloads_" + known.size(), next.files(), next.io());
        StringBuilder numbers = new StringBuilder();
        for (LiveFile file : next.files()) {
            numbers.append(numbers.isEmpty() ? "" : ", ")
                    .append("(")
                    .append(Engine.literal(file.path().toString()))
                    .append(", ")
                    .append(known.size())
                    .append(")");
            known.add(new Known(file.file().location(), file.path(), scan));
        }
        List<Path> paths = next.files().stream().map(LiveFile::path).toList();
        engine().execute("INSERT INTO known SELECT " + KEY + ", n.number FROM " + scan.fromWithPlaces(paths, false)
                + " f JOIN (VALUES " + numbers + ") AS n (path, number) ON f.filename = n.path");
    }

    /// Some more files; where one has gone meanwhile, of those that the table has now.
    private TeamFiles.Reachable reachable() {
        for (int attempt = 1; ; attempt++) {
            List<LiveFile> next = next();
            try {
                return reading.reachable(
                        requireNonNull(table, "no table is open").table(), next);
            } catch (NotFoundException e) {
                if (attempt == MOST_ATTEMPTS) {
                    throw new LakeException(
                            "payloads of the team's lake went each time before they were read; is it being maintained?"
                                    + " Try it again later: " + e.getMessage(),
                            e);
                }
                reopen();
            }
        }
    }

    /// The likeliest of those that are left. What has to be fetched for it is little at first.
    private List<LiveFile> next() {
        List<LiveFile> next = new ArrayList<>();
        long bytes = 0;
        while (!left.isEmpty()
                && next.size() < FILES_AT_A_TIME
                && (next.isEmpty()
                        || !reading.areFetched()
                        || bytes + left.getFirst().bytes() <= stepBytes)) {
            bytes += left.getFirst().bytes();
            next.add(left.removeFirst());
        }
        stepBytes = Math.min(stepBytes * 2, MOST_STEP_BYTES);
        return next;
    }

    private void open() throws SQLException {
        if (table == null) {
            engine().execute("CREATE TABLE known (key UBIGINT, file INTEGER)");
            reopen();
        }
    }

    private void reopen() {
        left.clear();
        Set<String> read = known.stream().map(Known::location).collect(Collectors.toSet());
        opening.get().ifPresent(opened -> {
            table = opened;
            opened.inOrder().stream()
                    .filter(file -> !read.contains(file.file().location()))
                    .forEach(left::add);
        });
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
