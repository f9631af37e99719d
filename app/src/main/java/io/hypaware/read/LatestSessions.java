package io.hypaware.read;

import io.hypaware.journal.Micros;
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

    /// More are not named one by one.
    static final int MOST = 1_000;

    /// Newest days that are looked through, before all are.
    private static final List<Integer> DAYS = List.of(4, 40);

    /// @param most as many, if there are
    /// @return their ids, the last used first
    static List<String> of(Recorded recorded, int most) throws QueryException, SQLException, IOException {
        List<LocalDate> all = recorded.daysOf(Messages.DATASET);
        for (int days : DAYS) {
            if (days < all.size()) {
                List<LocalDate> newest = all.subList(0, days);
                List<String> found = lookedFor(recorded.on(newest), Optional.of(newest.getLast()), most);
                if (found.size() == most) {
                    return found;
                }
            }
        }
        return lookedFor(recorded, Optional.empty(), most);
    }

    /// @param first of the days that are looked through: who was last used before it may be one of many
    private static List<String> lookedFor(Recorded recorded, Optional<LocalDate> first, int most)
            throws QueryException, SQLException, IOException {
        Instant since =
                first.map(day -> day.atStartOfDay(ZoneOffset.UTC).toInstant()).orElse(Instant.EPOCH);
        String recent =
                first.isEmpty() ? "" : " having max(message_created_at) >= make_timestamptz(" + Micros.of(since) + ")";
        List<String> found = new ArrayList<>();
        recorded.run(
                "select " + Sessions.KEY + " from ai_gateway_messages group by 1" + recent
                        + " order by max(message_created_at) desc, 1 limit " + most,
                row -> found.add(Recorded.text(row, 1)));
        return found;
    }

    private LatestSessions() {}
}
