package io.hypaware.project.anthropic;

import io.hypaware.project.Json;
import io.hypaware.project.message.RequestOutline;
import java.util.Locale;
import java.util.Optional;

/// Recognises small calls that agents make beside a conversation, under the same session.
final class SideCall {

    /// What kind of side call this is: `probe` (asks for one token, to test the account), `title` (asks for a name for
    /// the session or its topic). Empty for what may be a conversation.
    static Optional<String> of(RequestOutline request) {
        if (!request.tools().isEmpty() || request.messages().size() > 1) {
            return Optional.empty();
        }
        if (Json.longAt(request.fields(), "max_tokens")
                .filter(most -> most <= 1)
                .isPresent()) {
            return Optional.of("probe");
        }
        String system = request.systemText().orElse("").toLowerCase(Locale.ROOT);
        boolean title = system.contains("title") || system.contains("conversation topic");
        return title ? Optional.of("title") : Optional.empty();
    }

    private SideCall() {}
}
