package io.hypaware.project.openai;

import io.hypaware.project.message.RequestOutline;
import java.util.Optional;
import java.util.regex.Pattern;

/// Recognises small calls that agents make beside a conversation, under the same session.
final class SideCalls {

    /// How agents ask for one: `You are a title generator`, `Generate a short title for the thread`.
    private static final Pattern TITLE = Pattern.compile(
            "(?i)\\btitle generator\\b|\\b(?:generate|write|create|produce|output|give)\\b[^.\\n]{0,80}\\btitle\\b");

    /// Requests of more messages are conversations.
    private static final int MOST_MESSAGES = 3;

    /// What kind of side call this is: `title` asks for a name of the session. Empty for what may be a conversation.
    static Optional<String> of(RequestOutline request) {
        if (!request.tools().isEmpty() || request.messages().size() > MOST_MESSAGES) {
            return Optional.empty();
        }
        boolean title = TITLE.matcher(request.systemText().orElse("")).find();
        return title ? Optional.of("title") : Optional.empty();
    }

    private SideCalls() {}
}
