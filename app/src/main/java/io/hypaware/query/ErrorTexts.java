package io.hypaware.query;

import io.hypaware.config.Nearest;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The engine's error messages as users should read them.
final class ErrorTexts {

    private static final Pattern UNKNOWN_COLUMN = Pattern.compile("Referenced column \"([^\"]+)\" not found");

    /// A function for texts that is given a column of bytes.
    private static final Pattern BLOB_TEXT = Pattern.compile("No function matches[^\n]*\\(.*BLOB.*\\)");

    /// One of the lake's files that cannot be read.
    private static final Pattern FILE = Pattern.compile("['\"](/[^'\"]+\\.parquet)['\"]");

    static String plain(String message, Collection<Dataset> datasets) {
        Matcher column = UNKNOWN_COLUMN.matcher(message);
        if (column.find()) {
            List<String> known = datasets.stream()
                    .flatMap(d -> d.columns().stream())
                    .map(Column::name)
                    .distinct()
                    .toList();
            Optional<String> nearest = Nearest.of(column.group(1), known);
            return "there is no column \"" + column.group(1) + "\""
                    + nearest.map(n -> "; did you mean " + n + "?")
                            .orElse("; see: hyp query schema "
                                    + datasets.stream()
                                            .map(Dataset::name)
                                            .findFirst()
                                            .orElse("<dataset>"));
        }
        if (BLOB_TEXT.matcher(message).find()) {
            return "a body is bytes, not a text: octet_length(request_body) is its size, decode(request_body) its text"
                    + " (" + message.lines().findFirst().orElse("").strip() + ")";
        }
        Matcher file = FILE.matcher(message);
        if (file.find()) {
            return file.group(1)
                    + " cannot be read: it is damaged or not there. hyp cache check says what is wrong; days that are not"
                    + " in it can still be asked for ("
                    + message.lines().findFirst().orElse("").strip() + ")";
        }
        return message.strip();
    }

    private ErrorTexts() {}
}
