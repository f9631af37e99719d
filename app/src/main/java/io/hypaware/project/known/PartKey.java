package io.hypaware.project.known;

import io.hypaware.dataset.Hashes;
import io.hypaware.dataset.Row;
import org.jspecify.annotations.Nullable;

/// What a part is known by, whoever writes it down: a call or its result by the call's id, a text by who says it
/// and what it says, anything else by its kind. White space at either end of a text tells nothing: clients trim
/// it.
public final class PartKey {

    /// How the keys of thoughts begin whose text is not known.
    static final String UNREAD = "thinking ~";

    /// The key of a part that is about to be written.
    public static String of(Row.Builder row) {
        return of(new Columns(
                text(row, "role"),
                text(row, "part_type"),
                text(row, "tool_call_id"),
                text(row, "tool_result_for"),
                text(row, "content_text"),
                "",
                text(row, "thinking_signature")));
    }

    /// What of a row makes its key; empty where a column has no value.
    ///
    /// @param sha256 of the text, of which nothing else is needed then; empty where it is not known
    public record Columns(
            String role,
            String partType,
            String toolCallId,
            String toolResultFor,
            String text,
            String sha256,
            String signature) {

        private boolean isUnread() {
            return text.isBlank() && sha256.isEmpty();
        }

        private String hash() {
            return sha256.isEmpty() ? PartKey.hash(text) : Hashes.shortened(sha256);
        }
    }

    public static String of(Columns row) {
        return switch (row.partType()) {
            case "tool_call" -> row.toolCallId().isEmpty() ? "call" : "call " + row.toolCallId();
            case "tool_result" -> row.toolResultFor().isEmpty() ? "result" : "result " + row.toolResultFor();
            case "text" -> "text " + row.role() + " " + row.hash();
            case "thinking" -> row.isUnread() ? unread(row.signature()) : "thinking " + row.hash();
            default -> row.partType() + " " + row.role();
        };
    }

    /// The key of a thought of which only its signature is known.
    public static String unread(String signature) {
        return UNREAD + hash(signature);
    }

    private static String hash(String text) {
        return Hashes.shortHash(text.strip());
    }

    private static String text(Row.Builder row, String column) {
        @Nullable Object value = row.value(column);
        return value instanceof String text ? text : "";
    }

    private PartKey() {}
}
