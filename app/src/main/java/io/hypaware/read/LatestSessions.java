package io.hypaware.read;

import io.hypaware.project.Messages;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The sessions that were used last, looked for in the newest days first: who looks at the last ones does not read
/// years.
final class LatestSessions {

    /// Newest days that are looked through, before all are.
    private static final List<Integer> DAYS = List.of(4, 40);

    /// Finds sessions in a part of what is recorded.
    @FunctionalInterface
    interface Among<T> {

        /// @param since when they were last used, at the earliest: earlier use is not in this part
        List<T> find(Recorded part, Optional<Instant> since) throws QueryException, SQLException, IOException;
    }

    /// Looks in the newest days first, and in more of them until there are as many as are wanted.
    ///
    /// @param since when they were last used, at the earliest
    static <T> List<T> find(Recorded recorded, Optional<Instant> since, int most, Among<T> among)
            throws QueryException, SQLException, IOException {
        List<LocalDate> all = recorded.daysOf(Messages.DATASET);
        List<LocalDate> days = since.map(at -> Recorded.daysSince(all, at)).orElse(all);
        for (int newest : DAYS) {
            if (newest < days.size()) {
                List<LocalDate> part = days.subList(0, newest);
                Instant begin = part.getLast().atStartOfDay(ZoneOffset.UTC).toInstant();
                Optional<Instant> later =
                        Optional.of(since.filter(begin::isBefore).orElse(begin));
                List<T> found = among.find(recorded.since(begin), later);
                if (found.size() == most) {
                    return found;
                }
            }
        }
        return among.find(since.map(recorded::since).orElse(recorded), since);
    }

    /// @param since when they were last used, at the earliest
    /// @param most as many, if there are
    /// @return their ids, the last used first
    static List<String> of(Recorded recorded, Optional<Instant> since, int most)
            throws QueryException, SQLException, IOException {
        return find(recorded, since, most, (part, used) -> {
            List<String> found = new ArrayList<>();
            part.run(
                    "select " + Sessions.KEY + " from ai_gateway_messages group by 1"
                            + used.map(at -> " having max(message_created_at) >= " + Recorded.time(at))
                                    .orElse("")
                            + " order by max(message_created_at) desc, 1 limit " + most,
                    row -> found.add(Recorded.text(row, 1)));
            return found;
        });
    }

    private LatestSessions() {}
}
