package io.hypaware.project.openai;

import io.hypaware.journal.CapturedExchange;
import io.hypaware.project.WorkingFolder;
import io.hypaware.project.message.RequestOutline;
import java.util.Optional;
import java.util.Set;

/// What calls of OpenAI's APIs have in common.
final class OpenAi {

    private static final Set<String> PROVIDERS = Set.of("openai", "chatgpt", "azure");

    /// Whether the config says that the exchange's provider speaks OpenAI's formats.
    static boolean speaks(CapturedExchange exchange) {
        return PROVIDERS.contains(exchange.provider());
    }

    /// Where the agent works, by what the wire says, else by what its system text says.
    static WorkingFolder folder(RequestOutline request, Optional<String> named) {
        WorkingFolder said = WorkingFolder.of(request.systemText().orElse(""));
        return named.isPresent() ? new WorkingFolder(named, said.gitBranch()) : said;
    }

    private OpenAi() {}
}
