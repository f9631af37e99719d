package io.hypaware.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.read.PartTexts.Content;
import io.hypaware.read.SessionCall;
import io.hypaware.read.SessionOutline.Entry;
import io.hypaware.read.SessionOutline.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A part of a conversation, ready to be shown.
///
/// @param anchor by which an address leads to it; empty but on the first part of a message
/// @param html of what was said in Markdown; empty where `text` is shown as it is
/// @param title of a call: what it is about, in a line
/// @param arguments of a call, where no change shows them
/// @param change that a call makes in a file
/// @param results of a call
/// @param call whose answer's last part this is
public record PartView(
        String anchor,
        Part part,
        String html,
        String text,
        long characters,
        String title,
        String arguments,
        List<TextDiff.Line> change,
        List<Result> results,
        Optional<SessionCall> call) {

    /// Characters of a text that are shown at first.
    public static final int MOST = 12_000;

    /// Characters of what is shown of a part that is folded.
    private static final int LONGEST_TITLE = 140;

    private static final List<String> TELLING = List.of(
            "command",
            "cmd",
            "file_path",
            "filePath",
            "path",
            "notebook_path",
            "pattern",
            "query",
            "url",
            "description",
            "prompt",
            "skill",
            "input");

    private static final ObjectMapper JSON = new ObjectMapper();

    /// What a tool gave back.
    public record Result(Part part, String text, long characters) {

        public boolean isCut() {
            return characters > MOST;
        }

        public boolean hasMedia() {
            return text.contains("<stripped");
        }
    }

    static PartView of(String anchor, Entry.Said said, Map<String, Content> contents, Map<String, SessionCall> calls) {
        Part part = said.part();
        Content content = contents.getOrDefault(part.rowId(), Content.NONE);
        List<Result> results = said.results().stream()
                .map(result -> result(result, contents.getOrDefault(result.rowId(), Content.NONE)))
                .toList();
        boolean spoken = part.type().equals("text") && !part.role().equals("system") && !isMarkup(content.text());
        JsonNode arguments = part.isCall() ? parsed(content.arguments()) : JSON.nullNode();
        List<TextDiff.Line> change = FileChange.of(arguments);
        return new PartView(
                anchor,
                part,
                spoken ? Markdown.html(content.text()) : "",
                spoken ? "" : Html.visible(content.text()),
                content.characters(),
                part.isCall()
                        ? title(arguments, content.arguments())
                        : Html.line(inOneLine(content.text()), LONGEST_TITLE),
                part.isCall() && change.isEmpty() ? arguments(arguments, content.arguments()) : "",
                change,
                results,
                part.carries() ? Optional.ofNullable(calls.get(part.exchangeId())) : Optional.empty());
    }

    /// What is folded shows how it begins, whatever its lines are.
    private static String inOneLine(String text) {
        return Html.whole(text, 4 * LONGEST_TITLE).replaceAll("\\s+", " ");
    }

    private static Result result(Part part, Content content) {
        return new Result(part, Html.visible(content.text()), content.characters());
    }

    /// What an agent puts into a prompt is in tags of its own, and no Markdown.
    private static boolean isMarkup(String text) {
        return text.stripLeading().startsWith("<");
    }

    private static JsonNode parsed(String arguments) {
        try {
            return JSON.readTree(arguments);
        } catch (JsonProcessingException e) {
            return JSON.nullNode();
        }
    }

    private static String title(JsonNode arguments, String text) {
        for (String name : TELLING) {
            JsonNode value = arguments.path(name);
            if (value.isTextual() && !value.asText().isBlank()) {
                return Html.line(value.asText(), LONGEST_TITLE);
            }
            if (value.isArray() && !value.isEmpty()) {
                List<String> words = new ArrayList<>();
                value.forEach(word -> words.add(word.asText()));
                return Html.line(String.join(" ", words), LONGEST_TITLE);
            }
        }
        return text.equals("{}") ? "" : Html.line(text, LONGEST_TITLE);
    }

    /// A single text reads better as it is than as JSON.
    private static String arguments(JsonNode arguments, String text) {
        if (arguments.isObject()
                && arguments.size() == 1
                && arguments.elements().next().isTextual()) {
            return Html.visible(arguments.elements().next().asText());
        }
        return Html.visible(arguments.isContainerNode() ? arguments.toPrettyString() : text);
    }

    public boolean isCut() {
        return characters > MOST;
    }

    /// What people and models say to each other is read; thinking, and what agents put into prompts, is folded.
    public boolean isFolded() {
        boolean said = part.type().equals("text") && (voice().equals("user") || voice().equals("assistant"));
        return !said || html.isEmpty() || part.summary();
    }

    public boolean isMedia() {
        return part.type().equals("image")
                || part.type().equals("document")
                || part.type().equals("audio")
                || part.type().equals("file");
    }

    public boolean failed() {
        return results.stream().anyMatch(result -> result.part().error());
    }

    /// Who speaks, as a class of the style sheet.
    public String voice() {
        return part.isCall() || part.isResult()
                ? "tool"
                : switch (part.role()) {
                    case "user", "assistant", "system" -> part.role();
                    default -> "other";
                };
    }
}
