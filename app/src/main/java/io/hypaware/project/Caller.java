package io.hypaware.project;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.journal.CapturedExchange;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The session and the user that a call names, in a header or in the request's `metadata.user_id`.
///
/// @param userId the account where one is named, else what the client sent
public record Caller(Optional<String> id, Optional<String> userId) {

    public static final String HEADER = "x-claude-code-session-id";

    /// Headers in which agents name their session: Claude Code, Codex (now and before), OpenCode.
    private static final List<String> SESSION_HEADERS =
            List.of(HEADER, "session-id", "session_id", "x-session-id", "x-session-affinity");

    /// In which OpenCode names the session that an agent's own session was started by.
    private static final String PARENT_HEADER = "x-parent-session-id";

    /// The form before JSON: `user_<hash>_account_<uuid>_session_<uuid>`.
    private static final Pattern JOINED = Pattern.compile("(.+?)_account_(.*)_session_(.+)");

    /// The session that a call's headers name.
    public static Optional<String> session(CapturedExchange exchange) {
        return SESSION_HEADERS.stream()
                .map(exchange::requestHeader)
                .flatMap(Optional::stream)
                .filter(session -> !session.isBlank())
                .findFirst();
    }

    /// The session that started the one that a call is of, where its headers name one.
    public static Optional<String> parent(CapturedExchange exchange) {
        return exchange.requestHeader(PARENT_HEADER).filter(session -> !session.isBlank());
    }

    public static Caller of(CapturedExchange exchange, Optional<String> metadataUserId) {
        return of(session(exchange), metadataUserId);
    }

    public static Caller of(Optional<String> header, Optional<String> metadataUserId) {
        Caller named =
                metadataUserId.map(Caller::parse).orElseGet(() -> new Caller(Optional.empty(), Optional.empty()));
        return new Caller(header.filter(h -> !h.isBlank()).or(named::id), named.userId());
    }

    private static Caller parse(String userId) {
        if (userId.startsWith("{")) {
            try {
                JsonNode json = Json.MAPPER.readTree(userId);
                return new Caller(
                        notEmpty(Json.textAt(json, "session_id")),
                        notEmpty(Json.textAt(json, "account_uuid"))
                                .or(() -> notEmpty(Json.textAt(json, "device_id")))
                                .or(() -> Optional.of(userId)));
            } catch (JsonProcessingException e) {
                return new Caller(Optional.empty(), Optional.of(userId));
            }
        }
        Matcher joined = JOINED.matcher(userId);
        if (joined.matches()) {
            String account = joined.group(2).isEmpty() ? joined.group(1) : joined.group(2);
            return new Caller(Optional.of(joined.group(3)), Optional.of(account));
        }
        return new Caller(Optional.empty(), Optional.of(userId));
    }

    private static Optional<String> notEmpty(Optional<String> text) {
        return text.filter(t -> !t.isEmpty());
    }
}
