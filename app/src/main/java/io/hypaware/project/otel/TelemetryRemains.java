package io.hypaware.project.otel;

import com.google.protobuf.Message;
import io.hypaware.journal.TelemetryRequest;
import io.hypaware.journal.TelemetryRequests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.zip.GZIPOutputStream;

/// What a request still says when some of its records go: requests of some megabytes each, packed, with the other
/// records as they were sent. Records that are done with are rows, and in none of them.
public final class TelemetryRemains {

    /// So much is held as it was sent.
    private static final long MUCH = 4 << 20;

    /// What a record takes that says nothing.
    private static final int RECORD_ROOM = 64;

    private final TelemetryRequest request;
    private final TelemetryRecords records;
    private final Predicate<String> goes;
    private final Consumer<Message> gone;
    private final List<TelemetryRequests.Rest> rest = new ArrayList<>();
    private final List<TelemetryRecords.Placed> held = new ArrayList<>();
    private long heldBytes;
    private int scopeOf = -1;
    private int resourceOf = -1;
    private boolean scopeGoes;

    private TelemetryRemains(TelemetryRequest request, Predicate<String> goes, Consumer<Message> gone)
            throws IOException {
        this.request = request;
        this.records = TelemetryRecords.of(request);
        this.goes = goes;
        this.gone = gone;
    }

    /// @param goes tells by a record's text, as it was sent, or by that of what stands around it
    /// @param gone is shown records that go, as far as they can be read
    /// @throws IOException if the request is not whole, or none
    public static List<TelemetryRequests.Rest> of(
            TelemetryRequests.Pending pending, Predicate<String> goes, Consumer<Message> gone) throws IOException {
        return new TelemetryRemains(pending.request(), goes, gone).behind(Position.of(pending.recordsRead()));
    }

    private List<TelemetryRequests.Rest> behind(Position begin) throws IOException {
        long[] number = {0};
        records.read((resource, scope, raw) -> {
            number[0]++;
            if (number[0] <= begin.records()) {
                return true;
            }
            String text = raw.text();
            if (goes(resource, scope) || goes.test(text)) {
                show(raw);
                return true;
            }
            held.add(new TelemetryRecords.Placed(resource, scope, raw));
            heldBytes += text.length() + RECORD_ROOM;
            int points = number[0] == begin.records() + 1 ? begin.points() : 0;
            if (points > 0 || heldBytes > MUCH) {
                keep(new Position(0, points));
            }
            return true;
        });
        keep(new Position(0, 0));
        return rest;
    }

    private boolean goes(int resource, int scope) {
        if (resource != resourceOf || scope != scopeOf) {
            Origin origin = records.outline().origin(resource, scope);
            scopeGoes = goes.test(text(origin.resource())) || goes.test(text(origin.scope()));
            resourceOf = resource;
            scopeOf = scope;
        }
        return scopeGoes;
    }

    private static String text(Message message) {
        return new String(message.toByteArray(), StandardCharsets.UTF_8);
    }

    private void show(TelemetryRecords.Raw raw) {
        try {
            gone.accept(raw.parse());
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            // What cannot be read names nothing.
        }
    }

    private void keep(Position done) throws IOException {
        if (held.isEmpty()) {
            return;
        }
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(records.alone(held));
        }
        held.clear();
        heldBytes = 0;
        // A row is known by its request and when that came: of two parts that say the same, too.
        Instant at = request.receivedAt().plus(rest.size(), ChronoUnit.MICROS);
        TelemetryRequest part =
                new TelemetryRequest(request.signal(), request.contentType(), "gzip", at, packed.toByteArray());
        rest.add(new TelemetryRequests.Rest(part, done.number()));
    }
}
