package io.hypaware.project.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.dataset.Row;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Micros;
import io.hypaware.journal.Outcome;
import io.hypaware.project.Body;
import io.hypaware.project.Caller;
import io.hypaware.project.Client;
import io.hypaware.project.Json;
import io.hypaware.project.Messages;
import io.hypaware.project.Projection;
import io.hypaware.project.WorkingFolder;
import io.hypaware.project.conversation.Alignment;
import io.hypaware.project.conversation.Conversations;
import io.hypaware.project.conversation.History;
import io.hypaware.project.conversation.MessagePrint;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Writes the rows of one exchange: the new messages of its request, then the answer.
///
/// Ids are made of the exchange's id and the place in the request, so that projecting an exchange again gives the same.
final class MessageRows {

    private static final int SCHEMA_VERSION = 5;
    static final String AGENT_HEADER = "x-claude-code-agent-id";
    private static final String PARENT_HEADER = "x-claude-code-parent-agent-id";

    private final CapturedExchange captured;
    private final Body body;
    private final RequestOutline request;
    private final Answer answer;
    private final Conversations.Place place;
    private final Projection projection;
    private final Row.Builder common;
    private List<History.Entry> history = new ArrayList<>();
    private final MovedNotes notes;

    /// Made when first asked for.
    private @Nullable Set<String> knownCalls;

    MessageRows(AnthropicProjector.AnthropicReading read, Conversations.Place place, Projection projection) {
        this.captured = read.captured();
        this.body = read.body();
        this.request = read.request();
        this.answer = read.answer();
        this.place = place;
        this.projection = projection;
        this.common = common();
        // A history that begins with a summary says its notes anew.
        Optional<History> before = place.known().filter(_ -> !request.summary());
        this.notes =
                new MovedNotes(before.map(History::entries).orElse(List.of()), place.alignment(), request.messages());
    }

    History write() throws IOException {
        request.forEachMessage(body, this::isToBeRead, this::requestMessage);
        history = notes.without(history);
        int requestSize = history.size();
        answer();
        boolean answered = captured.outcome() != Outcome.UPSTREAM_CUT
                && captured.outcome() != Outcome.CLIENT_ABORTED
                && captured.outcome() != Outcome.GATEWAY_ERROR
                && captured.status().orElse(500) < 400
                && answer.error().isEmpty();
        return new History(
                history, requestSize, answered, Micros.of(captured.endedAt()), request.setup(), startedMicros());
    }

    /// Whether the message may have a block that is not known; what is known whole is not read again.
    private boolean isToBeRead(int index) {
        int match = place.alignment().matches()[index];
        return match == Alignment.NEW
                || place
                        .known()
                        .orElseThrow()
                        .entries()
                        .get(match)
                        .print()
                        .missingFrom(request.messages().get(index))
                        .stream()
                        .anyMatch(print -> !isKnownCall(print));
    }

    /// @param message nothing, if it need not be read
    private void requestMessage(int index, JsonNode message) {
        MessagePrint print = request.messages().get(index);
        Alignment alignment = place.alignment();
        int match = alignment.matches()[index];
        List<JsonNode> blocks = blocks(message.path("content"));
        if (match == Alignment.NEW) {
            String id = id(index);
            List<String> said = request.summary() && index == 0 ? saidAtTheBeginning() : List.of();
            int rows = 0;
            for (int i = 0; i < blocks.size(); i++) {
                boolean saidBefore = print(blocks.get(i)).filter(said::contains).isPresent()
                        || notes.take(index, RequestOutline.role(message), blocks.get(i));
                if (saidBefore) {
                    continue;
                }
                rows++;
                Row.Builder row = messageRow(id, index, RequestOutline.role(message), i);
                if (alignment.ambiguous()[index]) {
                    row.set("attributes", "{\"identity\":\"ambiguous\"}");
                }
                if (request.summary() && index < 2 && RequestOutline.isSummary(blocks.get(i))) {
                    row.set("is_compact_summary", true);
                }
                BlockColumns.fill(blocks.get(i), projection, row);
                projection.row(row.build(id + "#" + i));
            }
            history.add(new History.Entry(id, print, rows == 0 ? 0 : blocks.size()));
        } else {
            amend(index, message, blocks, place.known().orElseThrow().entries().get(match), print);
        }
    }

    /// What the session's first message holds beside the prompt, such as reminders: a summary that takes its
    /// place says them again.
    private List<String> saidAtTheBeginning() {
        return place.known().map(History::entries).filter(entries -> !entries.isEmpty()).stream()
                .flatMap(entries -> entries.getFirst().print().blocks().stream())
                .toList();
    }

    /// Whether it is a call or a result that stands in another message of the history: clients join and part messages.
    private boolean isKnownCall(String print) {
        return MessagePrint.isCall(print) && knownCalls().contains(MessagePrint.callOf(print));
    }

    private Set<String> knownCalls() {
        if (knownCalls == null) {
            knownCalls = place.known().map(History::entries).orElse(List.of()).stream()
                    .flatMap(entry -> entry.print().blocks().stream())
                    .map(MessagePrint::callOf)
                    .collect(Collectors.toSet());
        }
        return knownCalls;
    }

    private static Optional<String> print(JsonNode block) {
        return block.isTextual() ? BlockPrints.of("", block).blocks().stream().findFirst() : BlockPrints.of(block);
    }

    /// A message that is known, with blocks that are not: they become further parts of it.
    private void amend(int index, JsonNode message, List<JsonNode> blocks, History.Entry known, MessagePrint print) {
        List<String> prints = new ArrayList<>(known.print().blocks());
        List<String> unseen = new ArrayList<>(prints);
        int parts = known.parts();
        for (JsonNode block : blocks) {
            Optional<String> blockPrint = print(block);
            if (blockPrint.isPresent() && !unseen.remove(blockPrint.get()) && !isKnownCall(blockPrint.get())) {
                int equals = Collections.frequency(prints, blockPrint.get());
                prints.add(blockPrint.get());
                if (notes.take(index, RequestOutline.role(message), block)) {
                    continue;
                }
                // Another branch may have added the same to the message, or something else.
                if (!projection.isFirst(
                        Messages.DATASET, known.id() + "+" + Hashes.shortHash(blockPrint.get()) + "+" + equals)) {
                    continue;
                }
                while (projection.isSeen(Messages.DATASET, known.id() + "#" + parts)) {
                    parts++;
                }
                Row.Builder row = messageRow(known.id(), index, RequestOutline.role(message), parts);
                row.set("attributes", "{\"identity\":\"amended\"}");
                BlockColumns.fill(block, projection, row);
                projection.row(row.build(known.id() + "#" + parts));
                parts++;
            }
        }
        history.add(new History.Entry(known.id(), new MessagePrint(print.role(), prints), parts));
    }

    private void answer() {
        int index = history.size();
        String id = id(index);
        List<JsonNode> blocks = new ArrayList<>(answer.blocks());
        Optional<JsonNode> error = answer.error();
        if (captured.status().isEmpty() && blocks.isEmpty()) {
            return;
        }
        int count = Math.max(1, blocks.size() + (error.isPresent() ? 1 : 0));
        for (int i = 0; i < count; i++) {
            Row.Builder row = messageRow(id, index, "assistant", i)
                    .set("message_created_at", Micros.of(answeredAt()) + index)
                    .set("date", day(answeredAt()))
                    .set("model", answer.model().or(request::model).orElse(null))
                    .set("provider_uuid", answer.id().orElse(null));
            if (i < blocks.size()) {
                BlockColumns.fill(blocks.get(i), projection, row);
            } else {
                failure(row, error);
            }
            if (i == 0) {
                carry(row);
            }
            projection.row(row.build(id + "#" + i));
        }
        if (!answer.print().blocks().isEmpty()) {
            history.add(new History.Entry(id, answer.print(), count));
        }
    }

    /// A row for what came in place of content: the provider's error, or nothing at all.
    private void failure(Row.Builder row, Optional<JsonNode> error) {
        if (error.isPresent()) {
            row.set("part_type", "error")
                    .set("is_error", true)
                    .set("provider_type", Json.textAt(error.get(), "type").orElse(null))
                    .set("content_text", Json.textAt(error.get(), "message").orElse(null))
                    .set("raw_frame", Json.text(error.get()));
        } else if (captured.status().orElse(200) >= 400) {
            row.set("part_type", "error")
                    .set("is_error", true)
                    .set("content_text", "HTTP status " + captured.status().orElseThrow());
        } else {
            row.set("part_type", "empty");
        }
    }

    /// What is said once for the whole answer stands on its first part, so that sums are right.
    private void carry(Row.Builder row) {
        JsonNode usage = answer.usage();
        ObjectNode status = Json.object();
        status.put("outcome", captured.outcome().text());
        captured.status().ifPresent(s -> status.put("http_status", s));
        answer.stopReason().ifPresent(r -> status.put("stop_reason", r));
        answer.stopSequence().ifPresent(s -> status.put("stop_sequence", s));
        captured.error().ifPresent(e -> status.put("error", e));
        ObjectNode attributes = Json.object();
        if (!usage.isEmpty()) {
            attributes.set("usage", usage);
        }
        ObjectNode timing = attributes.putObject("timing");
        captured.timeToFirstByte().ifPresent(ttfb -> timing.put("ttfb_ms", ttfb.toMillis()));
        timing.put(
                "duration_ms",
                java.time.Duration.between(captured.startedAt(), captured.endedAt())
                        .toMillis());
        ObjectNode gateway = attributes.putObject("gateway");
        gateway.put("exchange_id", captured.id()).put("upstream", captured.upstream());
        captured.requestHeader(AGENT_HEADER).ifPresent(agent -> attributes.put("agent_id", agent));
        captured.requestHeader(PARENT_HEADER).ifPresent(agent -> attributes.put("parent_agent_id", agent));
        SideCall.of(request).ifPresent(kind -> attributes.put("side_call", kind));
        row.set("status", Json.text(status))
                .set("attributes", Json.text(attributes))
                .set("input_tokens", Json.longAt(usage, "input_tokens").orElse(null))
                .set("output_tokens", Json.longAt(usage, "output_tokens").orElse(null))
                .set(
                        "cache_read_tokens",
                        Json.longAt(usage, "cache_read_input_tokens").orElse(null))
                .set(
                        "cache_write_tokens",
                        Json.longAt(usage, "cache_creation_input_tokens").orElse(null));
    }

    private Row.Builder messageRow(String id, int index, String role, int part) {
        // Messages first seen in one request are a microsecond apart, so that sorting by time keeps their order.
        return common.copy()
                .set("message_id", id)
                .set("message_index", index)
                .set("message_created_at", Micros.of(captured.startedAt()) + index)
                .set("date", day(captured.startedAt()))
                .set("previous_message_id", previous())
                .set("role", role)
                .set("part_index", part)
                .set("part_id", id + "#" + part);
    }

    private Row.Builder common() {
        Client client = Client.of(captured.requestHeader("user-agent"));
        Caller caller = Caller.of(captured.requestHeader(Caller.HEADER), request.userId());
        Optional<WorkingFolder> folder = request.systemText().map(WorkingFolder::of);
        return Row.of(Messages.DATASET)
                .set("gateway_id", projection.gatewayId())
                .set("schema_version", SCHEMA_VERSION)
                .set("conversation_id", place.conversation())
                .set("session_id", caller.id().orElse(null))
                .set("user_id", caller.userId().orElse(null))
                .set("provider", captured.provider())
                .set("model", request.model().orElse(null))
                .set("system_text", kept(request.systemPieces()))
                .set("tools", kept(request.toolsPieces()))
                .set("conversation_started_at", startedMicros())
                .set("client_name", client.name().orElse(null))
                .set("client_version", client.version().orElse(null))
                .set("user_type", client.userType().orElse(null))
                .set("entrypoint", client.entrypoint().orElse(null))
                .set("cwd", folder.flatMap(WorkingFolder::path).orElse(null))
                .set("git_branch", folder.flatMap(WorkingFolder::gitBranch).orElse(null))
                .set("is_sidechain", place.sidechain())
                .set("request_id", captured.responseHeader("request-id").orElse(null))
                .set("exchange_id", captured.id());
    }

    /// What a payload column holds for a value in pieces; nothing for one that is empty.
    private @Nullable String kept(List<String> pieces) {
        return pieces.stream().allMatch(String::isEmpty) ? null : projection.keep(pieces);
    }

    private @Nullable String previous() {
        // A message whose notes all stand elsewhere has no row to point to.
        return history.reversed().stream()
                .filter(entry -> entry.parts() > 0)
                .findFirst()
                .map(entry -> Json.text(Json.MAPPER.createArrayNode().add(entry.id())))
                .orElse(null);
    }

    private long startedMicros() {
        return place.known().map(History::startedMicros).orElse(Micros.of(captured.startedAt()));
    }

    private Instant answeredAt() {
        return captured.timeToFirstByte().map(captured.startedAt()::plus).orElse(captured.endedAt());
    }

    private String id(int index) {
        return captured.id().toLowerCase(Locale.ROOT) + "-" + index;
    }

    private static String day(Instant at) {
        return at.atZone(ZoneOffset.UTC).toLocalDate().toString();
    }

    private static List<JsonNode> blocks(JsonNode content) {
        List<JsonNode> blocks = new ArrayList<>();
        if (content.isTextual()) {
            blocks.add(content);
        } else {
            content.forEach(blocks::add);
        }
        return blocks;
    }
}
