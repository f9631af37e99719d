package io.hypaware.read;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.QueryException;
import io.hypaware.query.RowExport;
import io.hypaware.query.StoredRows;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/// Rows of datasets on their way out of this machine, behind the one door: those of sessions that stay here do
/// not pass. Where there is such a session, neither do rows that name none, as they may be of it.
public final class LeavingRows {

    /// What rows that name no session are written down under.
    public static final String NO_SESSION = "";

    /// Names the dataset of payloads, so that it can be read.
    private static final String PAYLOADS = "select hash, parts, size from " + Datasets.PAYLOADS.name() + " limit 0";

    private final Cache cache;
    private final long memoryBytes;
    private final Recorded recorded;

    /// @param memoryBytes most memory of a query
    public LeavingRows(Cache cache, long memoryBytes) {
        this.cache = cache;
        this.memoryBytes = memoryBytes;
        this.recorded = new Recorded(cache, memoryBytes);
    }

    /// The datasets that are told as they are. Payloads stand in the rows that refer to them, and what was
    /// learned later in those that it completes.
    public static List<Dataset> datasets() {
        return Datasets.all().stream()
                .filter(dataset -> !dataset.equals(Datasets.PAYLOADS)
                        && Datasets.aboutOf(dataset).isEmpty())
                .toList();
    }

    /// The last position of some rows behind another one, so many that they take no more than the bounds, at least
    /// one; `last` if all do, and nothing if there are none.
    public OptionalLong end(Dataset dataset, long after, long last, long rows, long bytes)
            throws QueryException, SQLException, IOException {
        long[] found = numbers("select count(*), coalesce(max(_seq), 0) from (select _seq from " + dataset.name()
                + range(after, last) + " order by _seq limit " + rows + ")");
        if (found[0] == 0) {
            return OptionalLong.empty();
        }
        long most = found[0] < rows ? last : found[1];
        String size = size(dataset);
        long fit = numbers("select coalesce(max(_seq) filter (where total <= " + bytes + " or place = 1), 0), max(_seq)"
                + " from (select _seq, sum(size) over (order by _seq rows unbounded preceding) as total,"
                + " row_number() over (order by _seq) as place from (select _seq, " + (size.isEmpty() ? "0" : size)
                + " as size from " + dataset.name() + range(after, most) + "))")[0];
        return OptionalLong.of(fit == found[1] ? most : fit);
    }

    /// What the texts of a row take, in SQL.
    private static String size(Dataset dataset) {
        return dataset.columns().stream()
                .filter(column -> !column.payload() && isText(column))
                .map(column -> " + coalesce(strlen(\"" + column.name() + "\"), 0)")
                .collect(Collectors.joining("", "0", ""));
    }

    private static boolean isText(Column column) {
        return column.type() == ColumnType.STRING || column.type() == ColumnType.JSON;
    }

    private static String range(long after, long last) {
        return " where _seq > " + after + " and _seq <= " + last;
    }

    private long[] numbers(String sql) throws QueryException, SQLException, IOException {
        AtomicLong first = new AtomicLong();
        AtomicLong second = new AtomicLong();
        recorded.run(sql, row -> {
            first.set(Recorded.number(row, 1));
            second.set(Recorded.number(row, 2));
        });
        return new long[] {first.get(), second.get()};
    }

    /// Numbers of adopted partitions to which no more rows are added.
    public List<Integer> adopted(Dataset dataset) {
        return RowExport.completeAdoptions(cache, dataset);
    }

    /// The first day, behind another one, of which there are rows under a number of an adopted partition.
    public OptionalInt nextDay(Dataset dataset, int number, int after)
            throws QueryException, SQLException, IOException {
        String day = RowExport.day(dataset);
        long[] found = numbers("select count(*), coalesce(min(" + day + "), 0) from " + dataset.name()
                + " s where s._seq = " + -number + " and " + day + " > " + after);
        return found[0] == 0 ? OptionalInt.empty() : OptionalInt.of((int) found[1]);
    }

    /// Those of some sessions that stay on this machine by now.
    public Set<String> staying(Collection<String> sessions) throws QueryException, SQLException, IOException {
        LocalSessions.Sorter sorter = new LocalSessions.Sorter(rules());
        recorded.run(LocalSessions.EVERYWHERE, sorter::read);
        return staying(sessions, sorter.local());
    }

    private static Set<String> staying(Collection<String> sessions, Set<String> local) {
        Set<String> stay = new HashSet<>(sessions);
        stay.removeIf(session -> !(session.equals(NO_SESSION) ? !local.isEmpty() : local.contains(session)));
        return stay;
    }

    private PrivacyRules rules() throws QueryException {
        PrivacyRules rules = PrivacyRules.of(cache.privacyList());
        if (rules.unreadable().isPresent()) {
            throw new QueryException(rules.unreadable().get() + "; nothing leaves this machine until it can be read");
        }
        return rules;
    }

    /// Takes rows of a dataset as they are recorded now.
    ///
    /// @param condition in SQL, over what [RowExport#session], [RowExport#day] and stored columns of `s` say
    /// @param where a condition of a user's
    /// @param folder where files are written
    public Leaving take(Dataset dataset, String condition, Optional<String> where, Path folder)
            throws QueryException, SQLException, IOException {
        return take(new RowExport.Asked(dataset, where, List.of(LocalSessions.EVERYWHERE)), condition, folder);
    }

    /// The same for rows that leave in the form in which tables keep them, and payloads that they refer to after them.
    public Leaving takeStored(Dataset dataset, String condition, Path folder)
            throws QueryException, SQLException, IOException {
        return take(
                new RowExport.Asked(dataset, Optional.empty(), List.of(LocalSessions.EVERYWHERE, PAYLOADS)),
                condition,
                folder);
    }

    private Leaving take(RowExport.Asked asked, String condition, Path folder)
            throws QueryException, SQLException, IOException {
        LocalSessions.Sorter sorter = new LocalSessions.Sorter(rules());
        RowExport rows = RowExport.open(cache, memoryBytes, asked, folder);
        try {
            rows.gather(condition);
            rows.beside(0, places -> {
                while (places.next()) {
                    sorter.read(places);
                }
            });
            Set<String> sessions = rows.sessions();
            Set<String> leftOut = staying(sessions, sorter.local());
            rows.leaveOut(leftOut);
            return new Leaving(rows, sessions, leftOut, rows.days());
        } catch (QueryException | SQLException | IOException | RuntimeException e) {
            rows.close();
            throw e;
        }
    }

    /// Takes payloads that rows which leave refer to.
    public RowExport takePayloads(Collection<String> hashes, Path folder) throws QueryException, SQLException {
        RowExport rows = RowExport.open(
                cache, memoryBytes, new RowExport.Asked(Datasets.PAYLOADS, Optional.empty(), List.of()), folder);
        try {
            rows.gatherPayloads(hashes);
            return rows;
        } catch (QueryException | SQLException | RuntimeException e) {
            rows.close();
            throw e;
        }
    }

    /// How many rows there are that say the same.
    ///
    /// @param folder where it was said; empty where that is not known
    /// @param bytes of texts, those of payloads not counted
    public record Share(String session, String folder, long rows, long bytes) {}

    /// What there is behind a position, and of adopted rows but those of some numbers.
    public List<Share> shares(Dataset dataset, long position, Collection<Integer> without)
            throws QueryException, SQLException, IOException {
        String gone = without.stream().map(number -> Integer.toString(-number)).collect(Collectors.joining(", "));
        List<Share> shares = new ArrayList<>();
        recorded.run(
                "select " + RowExport.session(dataset) + ", "
                        + (dataset.column("cwd").isPresent() ? "coalesce(s.cwd, '')" : "''") + ", count(*), sum("
                        + size(dataset) + ") from " + dataset.name() + " s where s._seq > " + position
                        + " or (s._seq < 0" + (gone.isEmpty() ? "" : " and s._seq not in (" + gone + ")")
                        + ") group by 1, 2 order by 1, 2",
                row -> shares.add(new Share(
                        Recorded.text(row, 1),
                        Recorded.text(row, 2),
                        Recorded.number(row, 3),
                        Recorded.number(row, 4))));
        return shares;
    }

    /// Rows that may leave.
    ///
    /// @param sessions of which there are such rows
    /// @param leftOut those that stay on this machine
    public record Leaving(RowExport rows, Set<String> sessions, Set<String> leftOut, List<RowExport.Day> days)
            implements AutoCloseable {

        public Leaving {
            sessions = Set.copyOf(sessions);
            leftOut = Set.copyOf(leftOut);
            days = List.copyOf(days);
        }

        /// How many there are.
        public long count() {
            return days.stream().mapToLong(RowExport.Day::rows).sum();
        }

        /// Writes the rows of some days to a new file.
        public void write(LocalDate from, LocalDate to, RowExport.Form form, Path file)
                throws QueryException, SQLException {
            rows.write(from, to, form, file);
        }

        /// Writes the rows of all days to a new file.
        public void writeAll(RowExport.Form form, Path file) throws QueryException, SQLException {
            rows.write(
                    days.isEmpty() ? LocalDate.EPOCH : days.getFirst().date(),
                    days.isEmpty() ? LocalDate.EPOCH : days.getLast().date(),
                    form,
                    file);
        }

        /// The rows in the form in which tables keep them.
        public StoredRows stored() {
            return rows.stored();
        }

        @Override
        public void close() throws SQLException {
            rows.close();
        }
    }
}
