package io.hypaware.project.message;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.project.Body;
import io.hypaware.project.Json;
import io.hypaware.project.conversation.MessagePrint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// A request read once, one message in memory at a time: everything but the messages' content, of which only
/// the fingerprints stay.
///
/// @param fields all but the messages and the tools
/// @param system the system text, block by block
/// @param tools each definition as it was sent
/// @param setup fingerprint of who is at work
/// @param summary whether one of the first messages stands for an earlier history
/// @param elements of the array of messages
/// @param spans where they stand in the body; fewer than there are if that cannot be told
/// @param repaired whether bytes that are no UTF-8 were replaced
/// @param error why not all of it could be read
public record RequestOutline(
        JsonNode fields,
        List<String> system,
        List<String> tools,
        String setup,
        boolean summary,
        List<MessagePrint> elements,
        Grouping grouping,
        List<Span> spans,
        boolean repaired,
        Optional<String> error) {

    private static final String SYSTEM_SEPARATOR = "\n\n";

    /// A summary stands in one of the first messages.
    private static final int SUMMARY_MESSAGES = 2;

    /// Takes one message.
    @FunctionalInterface
    public interface MessageReader {

        /// @param elements that the message is; nothing, if it was not wanted
        void read(int index, List<JsonNode> elements);
    }

    /// Where a value stands in the body, in bytes.
    ///
    /// @param end one past the last
    public record Span(long start, long end) {}

    public RequestOutline {
        system = List.copyOf(system);
        tools = List.copyOf(tools);
        elements = List.copyOf(elements);
        spans = List.copyOf(spans);
    }

    /// A call that says nothing in its request.
    public static RequestOutline none() {
        return new RequestOutline(
                Json.object(),
                List.of(),
                List.of(),
                "",
                false,
                List.of(),
                new Grouping(List.of(), List.of(), 0),
                List.of(),
                false,
                Optional.empty());
    }

    public List<MessagePrint> messages() {
        return grouping.messages();
    }

    public Optional<String> model() {
        return Json.textAt(fields, "model");
    }

    public boolean stream() {
        return fields.path("stream").asBoolean(false);
    }

    /// The system blocks as one text.
    public Optional<String> systemText() {
        return systemText(system);
    }

    /// The pieces of [#systemText()].
    List<String> systemPieces() {
        return joined(system, "", SYSTEM_SEPARATOR, "");
    }

    /// The pieces of the tools as a JSON array.
    List<String> toolsPieces() {
        return joined(tools, "[", ",", "]");
    }

    private static List<String> joined(List<String> elements, String before, String between, String after) {
        List<String> pieces = new ArrayList<>(2 * elements.size() + 1);
        for (String element : elements) {
            pieces.add(pieces.isEmpty() ? before : between);
            pieces.add(element);
        }
        if (!pieces.isEmpty()) {
            pieces.add(after);
        }
        return pieces;
    }

    /// Reads as much as can be read; what stood in the way is the outline's error. Bytes that are no UTF-8 are
    /// replaced, when they are in the way.
    ///
    /// @param recent tells messages that were sent before
    public static RequestOutline read(WireFormat format, Body body, RecentRequests.Known recent) throws IOException {
        RequestOutline outline = read(format, body, false, recent);
        if (outline.error().isEmpty()) {
            return outline;
        }
        RequestOutline repaired = read(format, body, true, RecentRequests.Known.NOTHING);
        return repaired.error().isEmpty()
                        || repaired.elements().size() > outline.elements().size()
                ? repaired
                : outline;
    }

    private static RequestOutline read(WireFormat format, Body body, boolean repair, RecentRequests.Known recent)
            throws IOException {
        Gatherer gatherer = new Gatherer(format, recent);
        RequestWalk walk = new RequestWalk(format, gatherer);
        Optional<String> error = walk.over(body, repair);
        ObjectNode fields = walk.fields();
        JsonNode tools = fields.path("tools");
        List<String> system = new ArrayList<>(format.system(fields));
        system.addAll(walk.system());
        RequestOutline outline = new RequestOutline(
                fields,
                system,
                tools.isArray() ? definitions(body, tools, walk.tools()) : gatherer.tools,
                setup(format, tools, systemText(system)),
                gatherer.summary,
                gatherer.prints,
                Grouping.of(format, gatherer.prints),
                walk.elements(),
                repair,
                error);
        fields.remove("tools");
        return outline;
    }

    /// Takes the fingerprints of the elements.
    private static final class Gatherer implements RequestWalk.ElementReader {

        private final WireFormat format;
        private final RecentRequests.Known recent;
        private final List<MessagePrint> prints = new ArrayList<>();
        private final List<String> tools = new ArrayList<>();
        private boolean summary;

        private Gatherer(WireFormat format, RecentRequests.Known recent) {
            this.format = format;
            this.recent = recent;
        }

        @Override
        public void read(int index, JsonNode element) {
            prints.add(format.printOf(element));
            summary |= index < SUMMARY_MESSAGES && format.isSummary(element);
            if (index < SUMMARY_MESSAGES) {
                format.tools(element).stream().map(Json::text).forEach(tools::add);
            }
        }

        @Override
        public boolean isKnown(int index, byte[] bytes, Span span) {
            Optional<MessagePrint> known =
                    index < SUMMARY_MESSAGES ? Optional.empty() : recent.print(index, bytes, span);
            known.ifPresent(prints::add);
            return known.isPresent();
        }
    }

    /// Hands over the messages in their order.
    ///
    /// @param wanted the others are handed over as nothing
    public void forEachMessage(WireFormat format, Body body, IntPredicate wanted, MessageReader reader)
            throws IOException {
        if (spans.size() == elements.size()) {
            forEachMessage(body, wanted, reader);
            return;
        }
        List<JsonNode> open = new ArrayList<>();
        int[] message = {0};
        RequestWalk walk = new RequestWalk(format, (index, element) -> {
            open.add(element);
            if (index + 1 == grouping.end(message[0])) {
                reader.read(message[0], wanted.test(message[0]) ? List.copyOf(open) : List.of());
                open.clear();
                message[0]++;
            }
        });
        walk.over(body, repaired);
    }

    private void forEachMessage(Body body, IntPredicate wanted, MessageReader reader) throws IOException {
        try (InputStream in = body.open()) {
            long at = 0;
            for (int message = 0; message < messages().size(); message++) {
                List<JsonNode> read = new ArrayList<>();
                boolean isWanted = wanted.test(message);
                for (int i = grouping.starts().get(message); isWanted && i < grouping.end(message); i++) {
                    in.skipNBytes(spans.get(i).start() - at);
                    read.add(Json.MAPPER.readTree(bytes(in, spans.get(i))));
                    at = spans.get(i).end();
                }
                reader.read(message, read);
            }
        }
    }

    private static byte[] bytes(InputStream in, Span span) throws IOException {
        return in.readNBytes(Math.toIntExact(span.end() - span.start()));
    }

    private static Optional<String> systemText(List<String> blocks) {
        String joined = String.join(SYSTEM_SEPARATOR, blocks);
        return joined.isEmpty() ? Optional.empty() : Optional.of(joined);
    }

    /// Each definition byte for byte as it was sent, so that it is the same payload there and in the request's body.
    private static List<String> definitions(Body body, JsonNode tools, List<Span> spans) throws IOException {
        if (spans.size() != tools.size()) {
            return StreamSupport.stream(tools.spliterator(), false)
                    .map(Json::text)
                    .toList();
        }
        List<String> sent = new ArrayList<>();
        try (InputStream in = body.open()) {
            long at = 0;
            for (Span span : spans) {
                in.skipNBytes(span.start() - at);
                sent.add(new String(bytes(in, span), StandardCharsets.UTF_8));
                at = span.end();
            }
        }
        return sent;
    }

    /// Who is at work: the tools by name, or without tools the system text. Descriptions and dates in it vary
    /// by call.
    private static String setup(WireFormat format, JsonNode tools, Optional<String> system) {
        String names = StreamSupport.stream(tools.spliterator(), false)
                .map(format::toolName)
                .sorted()
                .collect(Collectors.joining(","));
        return Hashes.shortHash(names.isEmpty() ? "system:" + system.orElse("") : "tools:" + names);
    }
}
