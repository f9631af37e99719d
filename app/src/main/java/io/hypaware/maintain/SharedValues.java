package io.hypaware.maintain;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Row;
import io.hypaware.payload.Payload;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.function.Function;

/// Large values that many rows of one request have, being the same object: each is hashed once, not with each row.
final class SharedValues {

    private static final int MOST_KNOWN = 1_000;

    private final IdentityHashMap<String, String> hashes = new IdentityHashMap<>();
    private final Function<byte[], String> keep;

    /// @param keep stores a value and gives its hash
    SharedValues(Function<byte[], String> keep) {
        this.keep = keep;
    }

    /// The row with hashes in place of large values.
    Row keep(Row row) {
        Row kept = row;
        for (Column column : row.dataset().columns()) {
            boolean isText = column.payload() && column.type() != ColumnType.BINARY;
            if (isText
                    && row.value(column.name()).orElse("") instanceof String text
                    && Payload.isLarge(text.length())) {
                if (hashes.size() >= MOST_KNOWN) {
                    hashes.clear();
                }
                kept = kept.with(
                        column.name(),
                        hashes.computeIfAbsent(text, _ -> keep.apply(text.getBytes(StandardCharsets.UTF_8))));
            }
        }
        return kept;
    }
}
