package io.hypaware.project.message;

import io.hypaware.dataset.Row;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.project.Caller;
import io.hypaware.project.Client;
import io.hypaware.project.Json;
import io.hypaware.project.Messages;
import io.hypaware.project.Projection;
import io.hypaware.project.conversation.Conversations;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What all rows of one call say alike.
final class CommonColumns {

    private static final int SCHEMA_VERSION = 5;

    /// @param startedMicros when the conversation began
    static Row.Builder of(MessageReading read, Conversations.Place place, Projection projection, long startedMicros) {
        CapturedExchange captured = read.captured();
        RequestOutline request = read.request();
        Speaker speaker = read.speaker();
        Client client = Client.of(captured.requestHeader("user-agent"));
        Row.Builder row = Row.of(Messages.DATASET)
                .set("gateway_id", projection.gatewayId())
                .set("schema_version", SCHEMA_VERSION)
                .set("conversation_id", place.conversation())
                .set("session_id", speaker.session().orElse(null))
                .set("user_id", speaker.user().orElse(null))
                .set("provider", captured.provider())
                .set("model", request.model().orElse(null))
                .set("system_text", kept(projection, request.systemPieces()))
                .set("tools", kept(projection, request.toolsPieces()))
                .set("conversation_started_at", startedMicros)
                .set("client_name", client.name().orElse(null))
                .set("client_version", client.version().orElse(null))
                .set("user_type", client.userType().orElse(null))
                .set("entrypoint", client.entrypoint().orElse(null))
                .set("cwd", speaker.folder().path().orElse(null))
                .set("git_branch", speaker.folder().gitBranch().orElse(null))
                .set(
                        "is_sidechain",
                        place.sidechain() || Caller.parent(captured).isPresent())
                .set("agent_id", speaker.agent().orElse(null))
                .set(
                        "parent_thread_id",
                        Json.textAt(speaker.attributes(), "parent_agent_id")
                                .or(() -> Caller.parent(captured))
                                .orElse(null))
                .set(
                        "request_id",
                        captured.responseHeader("request-id")
                                .or(() -> captured.responseHeader("x-request-id"))
                                .orElse(null))
                .set("exchange_id", captured.id());
        projection
                .whereabouts(speaker.session().orElse(""), speaker.agent().orElse(""), captured.startedAt())
                .complete(row);
        return row;
    }

    /// What a payload column holds for a value in pieces; nothing for one that is empty.
    private static @Nullable String kept(Projection projection, List<String> pieces) {
        return pieces.stream().allMatch(String::isEmpty) ? null : projection.keep(pieces);
    }

    private CommonColumns() {}
}
