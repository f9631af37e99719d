package io.hypaware.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/// What a tool's call changes in a file, if it is one that does, as a change to read.
final class FileChange {

    private static final String PATCH = "*** Begin Patch";

    /// @return nothing if the call changes no file, or not in a way that is known
    static List<TextDiff.Line> of(JsonNode arguments) {
        if (arguments.path("edits").isArray()) {
            List<TextDiff.Line> all = new ArrayList<>();
            arguments.path("edits").forEach(edit -> all.addAll(edit(edit)));
            return all;
        }
        List<TextDiff.Line> edit = edit(arguments);
        if (!edit.isEmpty()) {
            return edit;
        }
        if (arguments.path("content").isTextual() && (arguments.has("file_path") || arguments.has("filePath"))) {
            return TextDiff.of("", arguments.path("content").asText());
        }
        for (JsonNode value : arguments) {
            String text = value.isArray() && value.size() > 1 ? value.path(1).asText() : value.asText();
            int at = text.indexOf(PATCH);
            if (at >= 0) {
                return patch(text.substring(at));
            }
        }
        return List.of();
    }

    private static List<TextDiff.Line> edit(JsonNode edit) {
        for (List<String> names : List.of(
                List.of("old_string", "new_string"),
                List.of("oldString", "newString"),
                List.of("old_str", "new_str"))) {
            JsonNode before = edit.path(names.getFirst());
            JsonNode after = edit.path(names.getLast());
            if (before.isTextual() && after.isTextual()) {
                return TextDiff.of(before.asText(), after.asText());
            }
        }
        return List.of();
    }

    /// A patch says itself which lines went and came.
    private static List<TextDiff.Line> patch(String text) {
        return TextDiff.lines(text).stream()
                .filter(line -> !line.startsWith("*** Begin") && !line.startsWith("*** End"))
                .map(line -> new TextDiff.Line(
                        kind(line), line.isEmpty() || line.startsWith("*") ? line : line.substring(1)))
                .toList();
    }

    private static String kind(String line) {
        return switch (line.isEmpty() ? ' ' : line.charAt(0)) {
            case '+' -> "new";
            case '-' -> "gone";
            case '*', '@' -> "gap";
            default -> "same";
        };
    }

    private FileChange() {}
}
