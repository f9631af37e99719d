package io.hypaware.backfill;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.Json;
import io.hypaware.secret.Redactor;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// One session of a [SessionDatabase], as it stood at one moment. A line is a message, or a part of one; no more
/// than one part is held at a time.
final class SessionRows implements LineSource {

    private static final List<String> HEAD = List.of("id", "parent_id", "directory", "version", "agent");

    private static final String SESSION = "select " + String.join(", ", HEAD) + " from session where id = ?";

    private static final String DATA = "case when octet_length(data) <= " + MOST_LINE + " then data end";

    private static final String MESSAGES =
            "select id, time_created, " + DATA + " from message where session_id = ? order by time_created, id";

    private static final String PARTS = "select id, 0, " + DATA + " from part where message_id = ? order by id";

    private final Path database;
    private final String session;
    private final Redactor redactor;
    private long unread;

    SessionRows(TranscriptFile transcript, Redactor redactor) {
        this.redactor = redactor;
        this.database = transcript.path();
        this.session = transcript.row().orElseThrow().session();
    }

    @Override
    public long unread() {
        return unread;
    }

    @Override
    public void read(Reader reader) throws IOException {
        try (Connection connection = SessionDatabase.open(database);
                PreparedStatement messages = connection.prepareStatement(MESSAGES);
                PreparedStatement parts = connection.prepareStatement(PARTS)) {
            // One transaction, so that all is of one moment.
            connection.setAutoCommit(false);
            Walk walk = new Walk(head(connection), parts, reader);
            messages.setString(1, session);
            try (ResultSet row = messages.executeQuery()) {
                while (!walk.stopped && row.next()) {
                    Optional<ObjectNode> message = data(row);
                    if (message.isPresent()) {
                        walk.message(message.get());
                    }
                }
            }
        } catch (SQLException e) {
            throw SessionDatabase.failure(e);
        }
    }

    private ObjectNode head(Connection connection) throws SQLException {
        ObjectNode head = Json.object();
        try (PreparedStatement statement = connection.prepareStatement(SESSION)) {
            statement.setString(1, session);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    for (String column : HEAD) {
                        head.put(column, row.getString(column));
                    }
                }
            }
        }
        return head;
    }

    /// A row of a message or a part; nothing, if it is too long or no JSON.
    private Optional<ObjectNode> data(ResultSet row) throws SQLException {
        byte[] data = row.getBytes(3);
        try {
            if (data != null && LineSource.parsed(data, data.length, redactor) instanceof ObjectNode said) {
                ObjectNode node = Json.object().put("id", row.getString(1)).put("time_created", row.getLong(2));
                node.set("data", said);
                return Optional.of(node);
            }
        } catch (IOException | StackOverflowError | OutOfMemoryError e) {
            // Counted with those that are too long.
        }
        unread++;
        return Optional.empty();
    }

    /// Hands lines over until the reader has enough.
    private final class Walk {
        private final ObjectNode head;
        private final PreparedStatement parts;
        private final Reader reader;
        private boolean stopped;
        private long number;

        Walk(ObjectNode head, PreparedStatement parts, Reader reader) {
            this.head = head;
            this.parts = parts;
            this.reader = reader;
        }

        void message(ObjectNode message) throws SQLException, IOException {
            hand(line(message));
            if (parts(message, false)) {
                long before = unread;
                parts(message, true);
                unread = before;
            }
        }

        /// Hands over the parts of a message.
        ///
        /// @param again whether only calls of tools are wanted
        /// @return whether there are any
        private boolean parts(ObjectNode message, boolean again) throws SQLException, IOException {
            boolean tools = false;
            int ordinal = 0;
            parts.setString(1, message.path("id").asText());
            try (ResultSet row = parts.executeQuery()) {
                while (!stopped && row.next()) {
                    Optional<ObjectNode> part = data(row);
                    boolean tool = part.filter(one ->
                                    one.path("data").path("type").asText("").equals("tool"))
                            .isPresent();
                    tools |= tool;
                    if (part.isPresent() && (tool || !again)) {
                        ObjectNode line = line(message).put("ordinal", ordinal).put("again", again);
                        line.set("part", part.get());
                        hand(line);
                    }
                    ordinal++;
                }
            }
            return tools;
        }

        private ObjectNode line(ObjectNode message) {
            ObjectNode line = Json.object();
            line.set("session", head);
            line.set("message", message);
            return line;
        }

        private void hand(ObjectNode line) throws IOException {
            if (!stopped) {
                stopped = !reader.read(line, ++number);
            }
        }
    }
}
