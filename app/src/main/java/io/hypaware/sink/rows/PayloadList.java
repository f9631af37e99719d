package io.hypaware.sink.rows;

import io.hypaware.query.QueryException;
import io.hypaware.query.StoredRows;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// The payloads that rows on their way out refer to, a line each in a file. Only those leave.
public record PayloadList(Path file) {

    private static final long BATCH_BYTES = 16L << 20;
    private static final int BATCH_ROWS = 20_000;

    /// What became of the payloads of some rows.
    public enum Result {
        THERE,
        /// What may leave has changed.
        CHANGED,
        NO_TIME
    }

    /// Sends some at once.
    @FunctionalInterface
    public interface Sender {
        Result send(List<String> hashes) throws QueryException, SQLException, IOException, InterruptedException;
    }

    /// Writes down what rows refer to.
    public static PayloadList of(StoredRows rows, Path file) throws QueryException, IOException {
        try (var lines = Files.newBufferedWriter(file)) {
            rows.payloads((hash, size) ->
                    lines.append(hash).append(' ').append(Long.toString(size)).append('\n'));
        }
        return new PayloadList(file);
    }

    /// Sends those that are not there, some at a time, until one sending says that it did not.
    public Result send(Predicate<String> isThere, Sender sender)
            throws QueryException, SQLException, IOException, InterruptedException {
        List<String> group = new ArrayList<>();
        long bytes = 0;
        Result result = Result.THERE;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null && result == Result.THERE; line = lines.readLine()) {
                String[] parts = line.split(" ", 2);
                if (isThere.test(parts[0])) {
                    continue;
                }
                long size = Long.parseLong(parts[1]);
                if (!group.isEmpty() && (bytes + size > BATCH_BYTES || group.size() == BATCH_ROWS)) {
                    result = sender.send(group);
                    group.clear();
                    bytes = 0;
                }
                group.add(parts[0]);
                bytes += size;
            }
        }
        return result == Result.THERE && !group.isEmpty() ? sender.send(group) : result;
    }
}
