package io.hypaware.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.ContentCodings;
import io.hypaware.project.Exchange;
import io.hypaware.project.Json;
import io.hypaware.project.Projector;
import io.hypaware.project.SseReader;
import io.hypaware.query.QueryException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        for (int from = 0; from < ids.size(); from += BATCH) {
            exchanges.each(
                    ids.subList(from, Math.min(ids.size(), from + BATCH)),
                    (facts, exchange) ->
                            cuts.add(new Cut(facts, lastEvent(exchange), again.getOrDefault(facts.id(), false))));
        }
        cuts.sort(Comparator.comparing((Cut cut) -> cut.facts().startedAt()));
        return cuts;
    }

    private static String lastEvent(Exchange exchange) {
        try (InputStream body = ContentCodings.decoded(
                exchange.response().open(),
                exchange.captured().responseHeader("content-encoding").orElse(""))) {
            String last = "";
            // The last one may itself be cut.
            String before = "";
            if (exchange.captured().method().equals(Projector.WEBSOCKET)) {
                BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    before = last;
                    last = line;
                }
            } else {
                SseReader events = new SseReader(body);
                for (String data = events.next(); data != null; data = events.next()) {
                    before = last;
                    last = data;
                }
            }
            return name(last).isEmpty() ? name(before) : name(last);
        } catch (IOException e) {
            return "";
        }
    }

    /// What an event calls itself: its type, or the kind of object that it is.
    private static String name(String data) {
        try {
            JsonNode event = Json.MAPPER.readTree(data);
            return Optional.ofNullable(event)
                    .flatMap(e -> Json.textAt(e, "type").or(() -> Json.textAt(e, "object")))
                    .orElse("");
        } catch (JsonProcessingException e) {
            return "";
        }
    }
}
