package io.hypaware.project.openai;

import io.hypaware.project.message.RequestOutline;
import java.util.Locale;
import java.util.Optional;

/// Recognises small calls that agents make beside a conversation, under the same session.
final class SideCalls {

    /// Requests of more messages are conversations.
    private static final int MOST_MESSAGES = 3;

    /// What kind of side call this is: `title` asks for a name of the session. Empty for what may be a conversation.
    static Optional<String> of(RequestOutline request) {
        if (!request.tools().isEmpty() || request.messages().size() > MOST_MESSAGES) {
            return Optional.empty();
        }
        String system = request.systemText().orElse("").toLowerCase(Locale.ROOT);
        return system.contains("title") ? Optional.of("title") : Optional.empty();
    }

    private SideCalls() {}
}
