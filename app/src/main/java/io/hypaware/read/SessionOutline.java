package io.hypaware.read;

import io.hypaware.query.QueryResult;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What a session consists of, without its texts: the parts of its own conversation in their order, each call with its
/// results, and the conversations of its agents where they begin. Texts come by [PartTexts], for what is looked at.
///
/// @param parts how many there are, in all
/// @param more whether there are parts after these, too many to hold
public record SessionOutline(List<Entry> entries, Map<String, List<Entry>> branches, int parts, boolean more) {

    /// More of one session is not held in memory.
    static final int MOST_PARTS = 50_000;

    private static final String SELECT = """
            select _row_id, message_id, conversation_id, epoch_us(message_created_at), role, part_type, tool_name,
              tool_call_id, tool_result_for, is_error, exchange_id, output_tokens is not null, is_compact_summary,
              coalesce(agent_name, agent_id), attachment_type
            from ai_gateway_messages""";

    /// One part of a message.
    ///
    /// @param rowId names its row
    /// @param carries whether the counts of the whole answer stand on it
    /// @param agent which of the session's agents speaks; empty for the session itself
    /// @param mediaType of an attachment; empty if it is none
    public record Part(
            String rowId,
            String messageId,
            String conversation,
            Instant at,
            String role,
            String type,
            String tool,
            String callId,
            String resultFor,
            boolean error,
            String exchangeId,
            boolean carries,
            boolean summary,
            String agent,
            String mediaType) {

        public boolean isCall() {
            return type.equals("tool_call");
        }

        public boolean isResult() {
            return type.equals("tool_result");
        }
    }

    /// What stands in a conversation.
    public sealed interface Entry {

        Instant at();

        /// A part; of a tool's call, with its results.
        record Said(Part part, List<Part> results) implements Entry {
            @Override
            public Instant at() {
                return part.at();
            }
        }

        /// Another conversation of the session, which begins here.
        record Branch(String conversation, String agent, Instant at, int parts) implements Entry {}
    }

    public SessionOutline {
        entries = List.copyOf(entries);
        branches = Map.copyOf(branches);
    }

    /// Hands over the parts of a session in their order, and one more than are held.
    static Recorded.Question question(String session, List<Part> parts) {
        return new Recorded.Question(
                SELECT + Sessions.whereSession(session) + " and aux_kind is distinct from 'note'"
                        + " order by message_created_at, conversation_id, message_index, part_index, _row_id limit "
                        + (MOST_PARTS + 1),
                row -> parts.add(part(row)));
    }

    static SessionOutline of(String session, List<Part> parts) {
        boolean more = parts.size() > MOST_PARTS;
        return arranged(session, more ? parts.subList(0, MOST_PARTS) : parts, more);
    }

    static SessionOutline arranged(String session, List<Part> parts, boolean more) {
        Map<String, List<Part>> results = new HashMap<>();
        Map<String, Part> calls = new HashMap<>();
        for (Part part : parts) {
            if (part.isCall() && !part.callId().isEmpty()) {
                calls.putIfAbsent(part.callId(), part);
            }
        }
        Map<String, List<Entry>> conversations = new LinkedHashMap<>();
        Map<String, Part> first = new LinkedHashMap<>();
        for (Part part : parts) {
            first.merge(
                    part.conversation(), part, (known, next) -> known.agent().isEmpty() ? named(known, next) : known);
            if (part.isResult() && calls.containsKey(part.resultFor())) {
                results.computeIfAbsent(part.resultFor(), _ -> new ArrayList<>())
                        .add(part);
            }
        }
        String own = first.containsKey(session)
                ? session
                : first.keySet().stream().findFirst().orElse(session);
        for (Part part : parts) {
            if (part.isResult() && calls.containsKey(part.resultFor())) {
                continue;
            }
            List<Part> of = part.isCall() && part.equals(calls.get(part.callId()))
                    ? results.getOrDefault(part.callId(), List.of())
                    : List.of();
            conversations
                    .computeIfAbsent(part.conversation(), _ -> new ArrayList<>())
                    .add(new Entry.Said(part, List.copyOf(of)));
        }
        List<Entry> entries =
                new ArrayList<>(Optional.ofNullable(conversations.remove(own)).orElse(List.of()));
        conversations.forEach((conversation, of) -> {
            Part begin = first.get(conversation);
            insert(
                    entries,
                    new Entry.Branch(
                            conversation,
                            begin == null ? "" : begin.agent(),
                            of.getFirst().at(),
                            of.size()));
        });
        return new SessionOutline(entries, conversations, parts.size(), more);
    }

    /// The same part, with the agent's name that a later one knows.
    private static Part named(Part known, Part next) {
        return next.agent().isEmpty() ? known : next;
    }

    /// Where its time says, after what was said at the same one.
    private static void insert(List<Entry> entries, Entry branch) {
        int at = entries.size();
        while (at > 0 && entries.get(at - 1).at().isAfter(branch.at())) {
            at--;
        }
        entries.add(at, branch);
    }

    /// Where a message stands.
    ///
    /// @param conversation empty for the session's own
    /// @param index of its first entry there
    public record Place(String conversation, int index) {}

    public Optional<Place> place(String messageId) {
        return place("", entries, messageId)
                .or(() -> branches.entrySet().stream()
                        .flatMap(branch -> place(branch.getKey(), branch.getValue(), messageId).stream())
                        .findFirst());
    }

    private static Optional<Place> place(String conversation, List<Entry> entries, String messageId) {
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i) instanceof Entry.Said said
                    && (said.part().messageId().equals(messageId)
                            || said.results().stream()
                                    .anyMatch(r -> r.messageId().equals(messageId)))) {
                return Optional.of(new Place(conversation, i));
            }
        }
        return Optional.empty();
    }

    /// Where another conversation begins in the session's own.
    public int indexOfBranch(String conversation) {
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i) instanceof Entry.Branch branch
                    && branch.conversation().equals(conversation)) {
                return i;
            }
        }
        return 0;
    }

    /// The part of a row, wherever it stands.
    public Optional<Part> part(String rowId) {
        return Stream.concat(entries.stream(), branches.values().stream().flatMap(List::stream))
                .flatMap(entry -> entry instanceof Entry.Said said
                        ? Stream.concat(Stream.of(said.part()), said.results().stream())
                        : Stream.empty())
                .filter(part -> part.rowId().equals(rowId))
                .findFirst();
    }

    private static Part part(QueryResult row) throws SQLException {
        return new Part(
                Recorded.text(row, 1),
                Recorded.text(row, 2),
                Recorded.text(row, 3),
                Recorded.instant(row, 4),
                Recorded.text(row, 5),
                Recorded.text(row, 6),
                Recorded.text(row, 7),
                Recorded.text(row, 8),
                Recorded.text(row, 9),
                Boolean.parseBoolean(Recorded.text(row, 10)),
                Recorded.text(row, 11),
                Boolean.parseBoolean(Recorded.text(row, 12)),
                Boolean.parseBoolean(Recorded.text(row, 13)),
                Recorded.text(row, 14),
                Recorded.text(row, 15));
    }
}
