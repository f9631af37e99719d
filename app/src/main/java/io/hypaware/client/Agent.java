package io.hypaware.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An agent that can be attached: where its settings are, and how they are changed.
public sealed interface Agent permits ClaudeCode, Codex {

    /// All of them, as they are on this machine.
    ///
    /// @param environment of the process
    /// @param folder in which the user works
    static List<Agent> all(Map<String, String> environment, Path folder) {
        return List.of(new ClaudeCode(environment, folder), new Codex(environment, Optional.empty()));
    }

    /// As commands call it.
    String name();

    /// As people call it.
    String title();

    Path settings();

    /// Whether it seems to be used here.
    default boolean isDetected() {
        Path folder = settings().getParent();
        return folder != null && Files.isDirectory(folder);
    }

    /// The port of the gateway that it is attached to.
    Optional<Integer> attachedPort();

    /// How its settings change to be attached.
    ///
    /// @throws ClientException if they cannot be, or the agent cannot do that
    Attachment attach(Address address);

    /// Makes ready what the changed settings refer to.
    default void prepare(Address address) throws IOException {}

    /// The version of the one that is on the PATH, if there is one and it says so.
    default Optional<String> version() {
        return Optional.empty();
    }

    Attachment detach();

    /// How it is told of the server by which it can ask what is recorded.
    Attachment attachMcp(HypCommand hyp);

    Attachment detachMcp();

    /// How its user is given commands by which a session says that it is not to be recorded.
    SkillChange attachSkills(HypCommand hyp);

    SkillChange detachSkills();

    /// What its users put before a skill's name to call it.
    String skillSign();

    /// Whether it writes down itself what it says, and no call of it comes.
    default boolean isTelling() {
        return false;
    }

    /// When it was last at work here, by the transcripts that it writes; nothing, if there are none.
    Optional<Instant> lastUsed();

    /// The upstreams of ours that its calls go to, by name.
    List<String> upstreams();

    /// What wins over its settings once it is attached to a port, so that what it says is not recorded; a sentence
    /// each.
    ///
    /// @param isTelling whether it is to tell by itself
    List<String> overrides(int port, boolean isTelling);

    /// Where that goes beside or instead of this machine's port which it is to tell by itself; a sentence each.
    default List<String> leaks(int port) {
        return List.of();
    }
}
