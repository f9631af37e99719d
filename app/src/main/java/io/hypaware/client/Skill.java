package io.hypaware.client;

import io.hypaware.client.ClientException.Kind;
import java.util.List;

/// What a user can call by name from within a session, so that hyp does it to that session.
enum Skill {
    IGNORE(
            "hypaware-ignore",
            "Take this session out of what HypAware records",
            "The user does not want HypAware to record this session."),
    UNIGNORE(
            "hypaware-unignore",
            "Let HypAware record this session again",
            "The user wants HypAware to record this session again."),
    STATUS(
            "hypaware-status",
            "Whether HypAware records this session",
            "The user asks whether HypAware records this session.");

    static final String FILE = "SKILL.md";

    /// What an agent would not take as a part of a command, but as something that it is to put in or to allow.
    private static final String MEANT_OTHERWISE = "`$()*!\\";

    private final String folder;
    private final String description;
    private final String wish;

    Skill(String folder, String description, String wish) {
        this.folder = folder;
        this.description = description;
        this.wish = wish;
    }

    /// Its name, and its folder's.
    String folder() {
        return folder;
    }

    String description() {
        return description;
    }

    /// What calling it means, as the model is told.
    String wish() {
        return wish;
    }

    /// What is run.
    ///
    /// @throws ClientException if that cannot be said in a skill
    String command(HypCommand hyp) {
        String odd = hyp.command() + String.join("", hyp.environment().values());
        if (odd.chars().anyMatch(c -> MEANT_OTHERWISE.indexOf(c) >= 0 || Character.isISOControl(c))) {
            throw new ClientException(
                    Kind.UNSUPPORTED,
                    "a path holds one of " + MEANT_OTHERWISE + ", which a skill cannot say: "
                            + String.join(" ", hyp.environment().values()) + " " + hyp.command());
        }
        return switch (this) {
            case IGNORE -> hyp.shell(List.of("session", "ignore", "--current"));
            case UNIGNORE -> hyp.shell(List.of("session", "unignore", "--current"));
            // That a session is not recorded is no failure here.
            case STATUS -> hyp.shell(List.of("session", "status", "--current")) + " || true";
        };
    }
}
