package io.hypaware.client;

import io.hypaware.home.HypHome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Addresses that shells, sessions and services give to what they start. An agent takes one where its own settings
/// have none, and so do programs with a provider's SDK.
public final class ShellScopes {

    private static final List<String> NAMES =
            List.of("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "GOOGLE_GEMINI_BASE_URL");

    /// Read by shells, by the session, and by systemd of the user's.
    private static final List<String> FILES = List.of(
            ".profile",
            ".bashrc",
            ".bash_profile",
            ".zshrc",
            ".zprofile",
            ".zshenv",
            ".config/fish/config.fish",
            ".pam_environment",
            ".config/environment.d/hypaware.conf",
            ".config/environment.d/anthropic.conf");

    private static final Pattern SETS =
            Pattern.compile("^[^#]*\\b(" + String.join("|", NAMES) + ")\\b[\\s=\"']{1,4}(https?://[^\\s\"';]{1,200})");

    private static final long MOST_BYTES = 1 << 20;

    /// An address that is given.
    ///
    /// @param where a file with its line, or this shell
    public record Given(String name, String url, String where) {

        /// The port on this machine that it leads to; nothing for what is elsewhere.
        public Optional<Integer> localPort() {
            return Address.localPort(url);
        }
    }

    /// @param environment of this process
    public static List<Given> of(Map<String, String> environment) {
        List<Given> found = new ArrayList<>();
        for (String name : NAMES) {
            String url = environment.getOrDefault(name, "");
            if (!url.isEmpty()) {
                found.add(new Given(name, url, "this shell"));
            }
        }
        for (String file : FILES) {
            Path path = HypHome.userHome(environment).resolve(file);
            try {
                if (Files.isRegularFile(path) && Files.size(path) <= MOST_BYTES) {
                    in(path, found);
                }
            } catch (IOException e) {
                // One that cannot be read gives nothing to those that read it either.
            }
        }
        return found;
    }

    private static void in(Path file, List<Given> found) throws IOException {
        List<String> lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .toList();
        for (int i = 0; i < lines.size(); i++) {
            Matcher sets = SETS.matcher(lines.get(i));
            if (lines.get(i).length() < 2_000 && sets.find()) {
                found.add(new Given(sets.group(1), sets.group(2), file + ", line " + (i + 1)));
            }
        }
    }

    private ShellScopes() {}
}
