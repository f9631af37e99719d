package io.hypaware.read;

import io.hypaware.project.Exchange;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Gatherers;

/// Calls whose answer ended early: who ended it, when, and after what.
public final class Cuts {

    /// One of them.
    ///
    /// @param lastEvent of a stream, by its type; empty if none came whole
    /// @param sentAgain whether the same request was made once more within ten minutes
    public record Cut(ExchangeFacts facts, String lastEvent, boolean sentAgain) {}

    private static final int BATCH = 50;

    private final Recorded recorded;

    public Cuts(Recorded recorded) {
        this.recorded = recorded;
    }

    /// The last ones since a time, in the order in which they were made.
    public List<Cut> since(Instant time, int most) throws QueryException, SQLException, IOException {
        Map<String, Boolean> again = new HashMap<>();
        List<String> ids = new ArrayList<>();
        recorded.run(
                "select e.exchange_id, exists (select 1 from exchanges l where l.path = e.path"
                        + " and l.session_id is not distinct from e.session_id and l.request_bytes = e.request_bytes"
                        + " and l.started_at > e.started_at and l.started_at < e.started_at + interval 10 minutes)"
                        + " from exchanges e where e.outcome in ('client_aborted', 'upstream_cut', 'gateway_error')"
                        + " and epoch_us(e.started_at) >= " + time.getEpochSecond() * 1_000_000L
                        + " order by e.started_at desc limit " + most,
                row -> {
                    ids.add(Recorded.text(row, 1));
                    again.put(Recorded.text(row, 1), Boolean.parseBoolean(Recorded.text(row, 2)));
                });
        Exchanges exchanges = new Exchanges(recorded);
        List<Cut> cuts = new ArrayList<>();
        for (List<String> some :
                ids.stream().gather(Gatherers.windowFixed(BATCH)).toList()) {
            exchanges.each(
                    some,
                    (facts, exchange) ->
                            cuts.add(new Cut(facts, lastEvent(exchange), again.getOrDefault(facts.id(), false))));
        }
        cuts.sort(Comparator.comparing((Cut cut) -> cut.facts().startedAt()));
        return cuts;
    }

    private static String lastEvent(Exchange exchange) {
        // The last one may itself be cut.
        String[] last = {"", ""};
        StreamEvents.each(exchange, data -> {
            last[0] = last[1];
            last[1] = data;
        });
        String name = StreamEvents.name(last[1]);
        return name.isEmpty() ? StreamEvents.name(last[0]) : name;
    }
}
