package io.hypaware;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the source itself must keep to, where the compiled classes do not tell.
class SourceTest {

    private static final Path MAIN = Path.of("src/main/java/io/hypaware");
    private static final Path BENCH = Path.of("../bench/src/main/java");

    private static final int MOST_LINES = 400;
    private static final int MOST_PARAMETERS = 5;

    /// The rooms that speak to a database. Above them there are records. `backfill` reads agents' own databases, which
    /// no other room may open.
    private static final Set<String> SQL_ROOMS =
            Set.of("read", "query", "lake", "engine", "journal", "maintain", "legacy", "backfill", "spark");

    private static final Pattern SQL = Pattern.compile(
            "\"\\s*(select\\s.*\\sfrom\\s|select [a-z_]+\\(|insert\\s+into\\s|update\\s+\\w+\\s+set\\s"
                    + "|delete\\s+from\\s|create\\s+(table|view|index)\\s|drop\\s+table\\s|copy\\s+\\()",
            Pattern.CASE_INSENSITIVE);

    /// What a command tells its user to type, or runs as its user would.
    private static final Set<String> COMMANDS = Set.of(
            "UpCommand.java",
            "Training.java",
            "Flows.java",
            "BackfillFlows.java",
            "TelemetryFlows.java",
            "ClaudeTelemetryFlows.java",
            "ExportFlows.java",
            "BucketFlows.java");

    private static final Pattern TEXT = Pattern.compile("\"(?:\\\\.|[^\"\\\\]++)*+\"");
    private static final Pattern COMMENT = Pattern.compile("//.*");
    private static final Pattern GENERIC = Pattern.compile("<[^<>]*>");

    /// A method or a constructor with a body.
    private static final Pattern METHOD = Pattern.compile(
            "\\n\\s*((?:[\\w@.\\[\\]?]+\\s+)*)(\\w+)\\s*\\(([^(){};]*)\\)\\s*(?:throws [\\w., ]+)?\\s*\\{");

    @Test
    void sqlIsInItsRooms() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : sources(MAIN)) {
            String room = MAIN.relativize(file).getName(0).toString();
            String source = Files.readString(file);
            if (!SQL_ROOMS.contains(room)
                    && !COMMANDS.contains(file.getFileName().toString())
                    && SQL.matcher(source).find()) {
                found.add(file.toString());
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void aFileIsOneIdea() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : all()) {
            long lines = Files.readString(file).lines().count();
            if (lines > MOST_LINES) {
                found.add(file + " has " + lines + " lines");
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void noMethodTakesManyParameters() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : all()) {
            String code = COMMENT.matcher(Files.readString(file)).replaceAll("");
            code = TEXT.matcher(code).replaceAll("\"\"");
            for (int i = 0; i < 4; i++) {
                code = GENERIC.matcher(code).replaceAll("");
            }
            Matcher method = METHOD.matcher(code);
            while (method.find()) {
                boolean isRecord = method.group(1).contains("record ");
                long parameters =
                        method.group(3).isBlank() ? 0 : method.group(3).split(",", -1).length;
                if (!isRecord && parameters > MOST_PARAMETERS) {
                    found.add(file + ": " + method.group(2) + " takes " + parameters);
                }
            }
        }
        assertThat(found).isEmpty();
    }

    private static List<Path> all() throws IOException {
        List<Path> files = new ArrayList<>(sources(MAIN));
        files.addAll(sources(BENCH));
        return files;
    }

    private static List<Path> sources(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> found =
                    files.filter(f -> f.toString().endsWith(".java")).sorted().toList();
            assertThat(found).isNotEmpty();
            return found;
        }
    }
}
