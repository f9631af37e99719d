package io.hypaware.mcp;

import io.hypaware.mcp.Arguments.RefusedException;
import io.hypaware.query.QueryException;
import io.hypaware.read.Moment;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Something that an agent can ask. It reads what is recorded and changes nothing.
interface Tool {

    /// Small enough that an agent can afford to ask, and enough to go on from.
    int USUAL_BYTES = 8_000;

    int MOST_BYTES = 200_000;

    Param BYTES = Param.number(
            "max_bytes",
            2_000,
            MOST_BYTES,
            USUAL_BYTES,
            "Most bytes of the answer. What does not fit is left out whole, and next_cursor goes on from there.");

    Param CURSOR = Param.text("cursor", 400, "The next_cursor of an answer, to go on where it ended.");

    Param SINCE =
            Param.text("since", 40, "Only from then on: 30m, 12h, 7d, a day such as 2026-03-01, or a time with Z.");

    /// @throws RefusedException if it is no time
    static Optional<Moment> since(Arguments arguments) throws RefusedException {
        try {
            return arguments.maybe(SINCE.name()).map(text -> Moment.of(text, Instant.now()));
        } catch (IllegalArgumentException e) {
            throw new RefusedException("since: " + e.getMessage());
        }
    }

    /// As clients call it.
    String name();

    /// As people read it.
    String title();

    String description();

    List<Param> params();

    Answer answer(Arguments arguments, Question question)
            throws RefusedException, QueryException, SQLException, IOException;
}
