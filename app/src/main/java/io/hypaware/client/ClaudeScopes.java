package io.hypaware.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The places from which Claude Code takes settings, and what the environment of a session becomes by them: the
/// strongest that sets a variable counts.
///
/// @param home where the user's own settings are
/// @param state what Claude Code keeps of itself; weaker than the user's settings
/// @param managed where an organisation's settings are
record ClaudeScopes(Path home, Path state, Path managed) {

    private static final String ENV = "env";
    private static final int MOST_MANAGED = 100;

    /// A file that settings may be in.
    ///
    /// @param name as people call it
    record Scope(String name, Path file) {

        @Override
        public String toString() {
            return name + " (" + file + ")";
        }
    }

    /// A variable's value, and who set it.
    ///
    /// @param isStronger whether it wins over the user's settings
    record Setting(String value, String where, boolean isStronger) {}

    static Path managedFolder() {
        boolean mac = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac");
        return Path.of(mac ? "/Library/Application Support/ClaudeCode" : "/etc/claude-code");
    }

    /// Those that win over the user's settings for sessions in a folder, the strongest first.
    List<Scope> stronger(Path folder) {
        List<Scope> scopes = new ArrayList<>();
        scopes.add(new Scope("your organisation's settings", home.resolve("remote-settings.json")));
        for (Path file : managedFiles()) {
            scopes.add(new Scope("managed settings", file));
        }
        scopes.add(new Scope("the project's local settings", folder.resolve(".claude/settings.local.json")));
        if (!folder.resolve(".claude").equals(home)) {
            scopes.add(new Scope("the project's settings", folder.resolve(".claude/settings.json")));
        }
        return scopes;
    }

    /// The later by name wins over those before.
    private List<Path> managedFiles() {
        List<Path> files = new ArrayList<>();
        files.add(managed.resolve("managed-settings.json"));
        try (Stream<Path> more = Files.list(managed.resolve("managed-settings.d"))) {
            more.filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(file -> file.getFileName().toString().endsWith(".json"))
                    .sorted()
                    .limit(MOST_MANAGED)
                    .forEach(files::add);
        } catch (IOException e) {
            // There is no such folder, or it is not for this user to read, and so not for Claude Code.
        }
        Collections.reverse(files);
        return files;
    }

    /// The environment of sessions in a folder.
    ///
    /// @param shell from which Claude Code is started
    /// @param own what is in the user's settings
    Map<String, Setting> environment(Map<String, String> shell, Map<String, String> own, Path folder) {
        Map<String, Setting> found = weaker(shell);
        own.forEach((name, value) -> found.put(name, new Setting(value, "your settings", false)));
        for (Scope scope : stronger(folder).reversed()) {
            variables(scope.file())
                    .forEach((name, value) -> found.put(name, new Setting(value, scope.toString(), true)));
        }
        return found;
    }

    /// What there is without the user's settings, and less than they.
    Map<String, Setting> weaker(Map<String, String> shell) {
        Map<String, Setting> found = new HashMap<>();
        shell.forEach((name, value) -> found.put(name, new Setting(value, "this shell", false)));
        variables(state).forEach((name, value) -> found.put(name, new Setting(value, state.toString(), false)));
        return found;
    }

    /// What a settings file sets; nothing, if it cannot be read, which is for that scope's owner to mend.
    static Map<String, String> variables(Path file) {
        Map<String, String> found = new HashMap<>();
        environment(file)
                .ifPresent(env -> env.properties()
                        .forEach(entry ->
                                found.put(entry.getKey(), entry.getValue().asText(""))));
        return found;
    }

    static Optional<JsonNode> environment(Path file) {
        return read(file).flatMap(document -> document.value(ENV));
    }

    /// The folders that Claude Code knows that it has worked in, the newest first.
    ///
    /// @param most so many at the most
    List<Path> projects(int most) {
        List<Path> found = new ArrayList<>();
        Optional<JsonNode> projects = read(state).flatMap(document -> document.value("projects"));
        projects.ifPresent(known -> known.properties().stream()
                .map(entry -> entry.getKey())
                .filter(name -> name.startsWith("/") && name.indexOf('\0') < 0)
                .skip(Math.max(0, known.size() - most))
                .forEach(name -> found.add(Path.of(name))));
        return found.reversed();
    }

    private static Optional<JsonDocument> read(Path file) {
        try {
            UserFile settings = UserFile.read(file, ClaudeMcp.MOST_BYTES);
            return settings.exists() ? Optional.of(JsonDocument.parse(settings.text())) : Optional.empty();
        } catch (IOException | ClientException e) {
            return Optional.empty();
        }
    }
}
