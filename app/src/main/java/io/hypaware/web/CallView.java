package io.hypaware.web;

import io.hypaware.query.QueryException;
import io.hypaware.read.SessionCall;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/// One call of a session, beside the conversation.
///
/// @param change empty if no call came before it
public record CallView(SessionCall call, Optional<ExchangeView.Change> change, ZoneId zone) {

    static CallView of(List<SessionCall> calls, String exchange, Optional<ExchangeView.Change> change, ZoneId zone)
            throws QueryException {
        return new CallView(
                calls.stream()
                        .filter(call -> call.exchangeId().equals(exchange))
                        .findFirst()
                        .orElseThrow(() -> new QueryException("there is no call " + Html.line(exchange, 100))),
                change,
                zone);
    }
}
