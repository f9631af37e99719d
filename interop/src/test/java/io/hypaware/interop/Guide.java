package io.hypaware.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// What the guide tells users to type, for a home of the test's.
final class Guide {

    private static final Pattern CONF = Pattern.compile("--conf \"?([^\\s\"]+)\"?");

    private final String text;

    private Guide(String text) {
        this.text = text;
    }

    static Guide named(String file, Path home) throws IOException {
        Path guides = Path.of(System.getProperty("interop.guides"));
        return new Guide(Files.readString(guides.resolve(file)).replace("$HOME/.hyp", home.toString()));
    }

    /// The settings on Spark's command line.
    List<String> sparkSettings() {
        return CONF.matcher(text).results().map(match -> match.group(1)).toList();
    }

    /// The statements of a section, in their order.
    List<String> statements(String section) {
        String rest = text.substring(text.indexOf("\n" + section + "\n"));
        List<String> statements = new ArrayList<>();
        for (MatchResult block : Pattern.compile("(?s)```sql\n(.*?)```")
                .matcher(endOf(rest))
                .results()
                .toList()) {
            Arrays.stream(block.group(1).split(";\n")).map(String::strip).forEach(statements::add);
        }
        return statements;
    }

    private static String endOf(String section) {
        int next = section.indexOf("\n#", 1);
        return next < 0 ? section : section.substring(0, next);
    }
}
