package io.hypaware.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What has become of exporters' requests, to be written with their rows. Part of [ProjectionBatch].
public final class TelemetryMarks {

    private static final String READ = "UPDATE telemetry_request SET records_read = ? WHERE seq = ? AND state = 1";
    private static final String DELETE = "DELETE FROM telemetry_request WHERE seq = ? AND state = 1";

    private final Map<Long, Long> read = new LinkedHashMap<>();
    private final Set<Long> projected = new LinkedHashSet<>();
    private final List<TelemetryRequest> kept = new ArrayList<>();

    TelemetryMarks() {}

    /// How far a request is, as its reader counts.
    public void read(long seq, long records) {
        read.put(seq, records);
    }

    /// All of a request is done with: it goes.
    public void projected(long seq) {
        projected.add(seq);
    }

    /// Sets a part of a request aside that cannot be projected, as a request of its own.
    public void keep(TelemetryRequest part) {
        kept.add(part);
    }

    void take(TelemetryMarks other) {
        read.putAll(other.read);
        projected.addAll(other.projected);
        kept.addAll(other.kept);
        other.clear();
    }

    void clear() {
        read.clear();
        projected.clear();
        kept.clear();
    }

    void write(Statements statements) {
        read.forEach((seq, records) -> statements.run(READ, statement -> {
            statement.setLong(1, records);
            statement.setLong(2, seq);
            return isOne(statement.executeUpdate(), seq);
        }));
        projected.forEach(seq -> statements.run(DELETE, statement -> {
            statement.setLong(1, seq);
            return isOne(statement.executeUpdate(), seq);
        }));
        kept.forEach(request -> TelemetryRequests.insert(statements, request, TelemetryRequests.FAILED));
    }

    private static boolean isOne(int changed, long seq) throws SQLException {
        if (changed != 1) {
            throw new SQLException("telemetry request " + seq + " was projected by somebody else");
        }
        return true;
    }
}
