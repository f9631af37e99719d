package io.hypaware.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.Json;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The texts of parts, read for those that are looked at.
public final class PartTexts {

    /// What a part says.
    ///
    /// @param text up to a bound; a tool's result, too
    /// @param arguments of a call, as JSON, up to the same bound
    /// @param characters of the longer of the two, whole
    public record Content(String text, String arguments, long characters) {

        public static final Content NONE = new Content("", "", 0);
    }

    /// Bytes that were attached to a message.
    ///
    /// @param mediaType as the client said it
    public record Media(String mediaType, byte[] bytes) {}

    /// Larger attachments are not shown.
    private static final long MOST_MEDIA_BYTES = 16 << 20;

    private final Recorded recorded;

    public PartTexts(Recorded recorded) {
        this.recorded = recorded;
    }

    /// What parts say, by their row.
    ///
    /// @param most characters of each text
    public Map<String, Content> of(Collection<SessionOutline.Part> parts, int most)
            throws QueryException, SQLException, IOException {
        Map<String, Content> contents = new HashMap<>();
        if (parts.isEmpty()) {
            return contents;
        }
        recorded.read(
                """
                select _row_id, left(content_text, %1$d), left(tool_args::varchar, %1$d),
                  greatest(coalesce(length(content_text), 0), coalesce(length(tool_args::varchar), 0))
                from ai_gateway_messages""".formatted(most),
                rows(parts),
                row -> contents.put(
                        Recorded.text(row, 1),
                        new Content(Recorded.text(row, 2), Recorded.text(row, 3), Recorded.number(row, 4))));
        return contents;
    }

    /// What is attached by a part; nothing if its bytes are not kept.
    ///
    /// @param index of the attachment among those of the part, from 0
    public Optional<Media> media(String rowId, int index) throws QueryException, SQLException, IOException {
        List<String> frames = new ArrayList<>();
        recorded.run(
                "select raw_frame::varchar from ai_gateway_messages where _row_id = " + Recorded.literal(rowId),
                row -> frames.add(Recorded.text(row, 1)));
        if (frames.isEmpty()) {
            return Optional.empty();
        }
        List<Attached> all = new ArrayList<>();
        try {
            attached(Json.MAPPER.readTree(frames.getFirst()), all);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
        return index < 0 || index >= all.size() ? Optional.empty() : bytes(all.get(index));
    }

    private record Attached(String mediaType, String hash) {}

    /// Encoded bytes are kept under their hash, which stands in their place.
    private static void attached(JsonNode node, List<Attached> found) {
        Optional<String> hash = Json.textAt(node, "sha256").filter(text -> text.matches("[0-9a-f]{64}"));
        if (hash.isPresent()) {
            found.add(new Attached(
                    Json.textAt(node, "media_type")
                            .or(() -> Json.textAt(node, "mimeType"))
                            .orElse("application/octet-stream"),
                    hash.get()));
            return;
        }
        if (node.isContainerNode()) {
            node.forEach(child -> attached(child, found));
        }
    }

    private Optional<Media> bytes(Attached attached) throws QueryException, SQLException, IOException {
        List<Media> found = new ArrayList<>();
        recorded.run(
                "select bytes from payloads where hash = " + Recorded.literal(attached.hash()) + " and size <= "
                        + MOST_MEDIA_BYTES,
                row -> {
                    byte[] bytes = row.getBytes(1);
                    if (bytes != null) {
                        found.add(new Media(attached.mediaType(), bytes));
                    }
                });
        return found.stream().findFirst();
    }

    private static Recorded.Rows rows(Collection<SessionOutline.Part> parts) {
        return new Recorded.Rows(
                parts.stream().map(SessionOutline.Part::at).toList(),
                parts.stream().map(SessionOutline.Part::conversation).toList(),
                parts.stream().map(SessionOutline.Part::rowId).toList());
    }
}
