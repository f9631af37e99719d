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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The events of an answer that was streamed, in the order in which they came.
///
/// @param events the first of them
/// @param all how many there are
public record StreamEvents(List<Event> events, int all) {

    private static final int LONGEST_DATA = 400;

    /// @param type by which it calls itself; empty if it does not
    /// @param data its beginning
    /// @param characters of it
    public record Event(String type, String data, int characters) {}

    public StreamEvents {
        events = List.copyOf(events);
    }

    /// @param most that are listed; the others are counted
    public static StreamEvents of(Recorded recorded, String exchangeId, int most)
            throws QueryException, SQLException, IOException {
        List<Event> events = new ArrayList<>();
        int[] all = new int[1];
        new Exchanges(recorded)
                .each(
                        List.of(exchangeId),
                        (_, exchange) -> each(exchange, data -> {
                            if (all[0]++ < most) {
                                events.add(new Event(
                                        name(data),
                                        data.length() > LONGEST_DATA ? data.substring(0, LONGEST_DATA) : data,
                                        data.length()));
                            }
                        }));
        return new StreamEvents(events, all[0]);
    }

    /// Hands over the data of each event. What cannot be read ends it.
    static void each(Exchange exchange, Consumer<String> reader) {
        try (InputStream body = ContentCodings.decoded(
                exchange.response().open(),
                exchange.captured().responseHeader("content-encoding").orElse(""))) {
            if (exchange.captured().method().equals(Projector.WEBSOCKET)) {
                BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    reader.accept(line);
                }
            } else {
                SseReader events = new SseReader(body);
                for (String data = events.next(); data != null; data = events.next()) {
                    reader.accept(data);
                }
            }
        } catch (IOException e) {
            // It came no further.
        }
    }

    /// What an event calls itself: its type, or the kind of object that it is.
    static String name(String data) {
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
