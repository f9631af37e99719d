package io.hypaware.secret;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The rules, as `rules.txt` has them.
final class SecretRules {

    /// Between a name and the value that is given to it, or said behind it.
    private static final String TO = "[A-Za-z0-9_.-]{0,40}+[\"'`\\]]{0,3}+\\s{0,4}+(?:(?::=|=>|->|[:=,>])\\s{0,4}+)?+"
            + "[\"'`]{0,3}+(?:(?i:Bearer|Token|SSWS)\\s)?+";

    /// Between a name and the value that is given to it.
    private static final String NAME =
            "(?<n>[A-Za-z0-9_.-]{0,40}+)[\"'`\\]]{0,3}+\\s{0,4}+(?::=|=>|[:=>])\\s{0,4}+[\"'`]{0,3}+";

    private static final String VALUE =
            "(?:(?<=[\"'`])[^\"'`\\\\\\s]{8,200}+(?=[\"'`])|[^\\s\"'`,;<>(){}\\[\\]\\\\|&$]{8,200}+)";

    /// A URL's, between its user and its host.
    private static final String PASSWORD =
            "://[^\\s:/?#@\"'`<>\\\\]{0,100}+:(?<s>[^\\s/?#\"'`<>\\\\]{3,200})@(?=[A-Za-z0-9\\[_-])";

    /// What goes on is no end.
    private static final String END = "(?![A-Za-z0-9])";

    private static final String FILE = "rules.txt";

    /// A name, anchors, an entropy, a pattern.
    private static final Pattern COLUMNS = Pattern.compile("\\s+");

    /// Counted up with each change of what is found, so that what was looked through before is again.
    static final int VERSION = 1;

    static final List<SecretRule> ALL = read();

    private static List<SecretRule> read() {
        List<SecretRule> rules = new ArrayList<>();
        text().lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .forEach(line -> rules.add(rule(line, rules.size())));
        return List.copyOf(rules);
    }

    private static String text() {
        try (InputStream in = SecretRules.class.getResourceAsStream(FILE)) {
            return new String(
                    Optional.ofNullable(in)
                            .orElseThrow(() -> new IllegalStateException("the program lacks " + FILE))
                            .readAllBytes(),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SecretRule rule(String line, int rank) {
        String[] columns = COLUMNS.split(line.strip(), 4);
        String[] anchors = columns[1].split("<", 2);
        return new SecretRule(
                columns[0],
                rank,
                List.of(anchors[0].split(",")),
                anchors.length == 1 ? 0 : Integer.parseInt(anchors[1]),
                Double.parseDouble(columns[2]),
                columns[3].contains("{to}") || columns[3].contains("{name}"),
                new Lazily(expanded(columns[3])));
    }

    private static String expanded(String pattern) {
        return pattern.contains("{password}")
                ? pattern.replace("{password}", PASSWORD)
                : pattern.replace("{to}", TO).replace("{name}", NAME).replace("{value}", VALUE) + END;
    }

    /// Compiles a pattern when it is first asked for: most texts ask for few.
    private static final class Lazily implements Supplier<Pattern> {

        private final String regex;
        private volatile @Nullable Pattern pattern;

        private Lazily(String regex) {
            this.regex = regex;
        }

        @Override
        public Pattern get() {
            Pattern known = pattern;
            if (known == null) {
                known = Pattern.compile(regex);
                pattern = known;
            }
            return known;
        }
    }

    private SecretRules() {}
}
