package io.hypaware.gateway;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;

/// Paths of the gateway itself, which no provider has: what is asked below `/_hypaware/` is answered here, whatever it
/// is, and never passed on.
final class OwnPaths {

    /// All of them begin so.
    static final String ROOT = "/_hypaware";

    /// A session's state: `GET ...?session=`; with `/ignore` and `/unignore` behind it, `POST`, it is changed.
    static final String SESSION = ROOT + "/session";

    private static final int MOST_SESSION = 512;

    /// What is asked of a session.
    ///
    /// @param ignored what it is to become; nothing if that is only asked
    record AskedOfSession(String session, Optional<Boolean> ignored) {}

    static boolean isOwn(String path) {
        return path.equals(ROOT) || path.startsWith(ROOT + "/") || path.startsWith(ROOT + "?");
    }

    /// The session that a line is asked for, which may be empty; nothing if no line is asked for.
    static Optional<String> sessionOfLine(String path) {
        if (path.equals(Gateway.LINE_PATH)) {
            return Optional.of("");
        }
        String named = Gateway.LINE_PATH + "?session=";
        return path.startsWith(named) ? Optional.of(path.substring(named.length())) : Optional.empty();
    }

    /// Whether a path is one of a session's, whatever is wrong with it.
    static boolean isOfSession(String target) {
        String path = new QueryStringDecoder(target).rawPath();
        return path.equals(SESSION) || path.startsWith(SESSION + "/");
    }

    /// Whether a session is recorded is said by its own machine.
    static Target target(HttpServerRequest request, String target) {
        if (!LocalCallers.isHere(request.connection())) {
            return new Target.Refused(403, Wire.OTHER, "sessions are ignored from this machine alone");
        }
        try {
            return new Target.OfSession(ofSession(request.method().name(), target));
        } catch (IllegalArgumentException e) {
            return new Target.Refused(400, Wire.OTHER, String.valueOf(e.getMessage()));
        }
    }

    /// What is asked.
    ///
    /// @throws IllegalArgumentException if it is not what may be asked; the message says what may
    private static AskedOfSession ofSession(String method, String target) {
        QueryStringDecoder asked = new QueryStringDecoder(target);
        List<String> sessions = asked.parameters().getOrDefault("session", List.of());
        if (sessions.size() != 1
                || sessions.getFirst().isBlank()
                || sessions.getFirst().length() > MOST_SESSION
                || sessions.getFirst().chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("say of which session: " + SESSION + "?session=<id>");
        }
        Optional<Boolean> ignored = switch (asked.rawPath().substring(SESSION.length())) {
            case "" -> Optional.empty();
            case "/ignore" -> Optional.of(true);
            case "/unignore" -> Optional.of(false);
            default ->
                throw new IllegalArgumentException(
                        "there are " + SESSION + ", " + SESSION + "/ignore and " + SESSION + "/unignore");
        };
        if (!method.equals(ignored.isPresent() ? "POST" : "GET")) {
            throw new IllegalArgumentException(
                    ignored.isPresent() ? "a change is asked for by POST" : "the state is asked for by GET");
        }
        return new AskedOfSession(sessions.getFirst(), ignored);
    }

    private OwnPaths() {}
}
