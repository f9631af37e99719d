package io.hypaware.project;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.project.websocket.Turns;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Turns exchanges of one wire format into rows. [Projectors] finds the implementations, see docs/contributing.md.
///
/// Called on the thread that projects, one exchange after the other; no transaction is open during this, so that it may
/// take its time. What it throws makes the exchange a row with its bodies, and nothing else of it is written.
public interface Projector {

    /// What stands in place of a method where a call is a message of a connection.
    String WEBSOCKET = "WEBSOCKET";

    boolean accepts(CapturedExchange exchange);

    /// Reads the exchange, as far as that goes without knowing what was said before.
    ///
    /// @throws IOException if the journal cannot be read
    Reading read(Exchange exchange) throws IOException;

    /// What of a connection's messages is a call, if this projector reads them: each such turn is an
    /// exchange of its own, of the method [#WEBSOCKET], its answer's messages one a line.
    default Optional<Turns> turns(CapturedExchange connection) {
        return Optional.empty();
    }

    /// An exchange that was read.
    interface Reading {

        /// What the exchange's own row says beyond HTTP.
        ExchangeRow.Details details();

        /// What of the exchange could not be read, if anything; the rest could.
        Optional<String> problem();

        /// Writes the rows of what is new.
        void write(Projection projection) throws IOException;

        /// Who speaks from where, as far as the call itself says.
        Whence whence();

        /// What the call says, whole; nothing, if it says no messages.
        default Optional<Said> whole() throws IOException {
            return Optional.empty();
        }
    }

    /// Who speaks from where.
    ///
    /// @param agent of the session; nothing for the session itself
    record Whence(Optional<String> session, Optional<String> agent, Optional<String> folder) {

        /// As far as the headers say.
        public static Whence of(CapturedExchange exchange) {
            return new Whence(Caller.session(exchange), Optional.empty(), Optional.empty());
        }
    }

    /// What a call says.
    ///
    /// @param request all of the request but its messages
    /// @param messagesField where these stand in it
    /// @param answer in the form in which a later request says it
    /// @param continues the answer that the request goes on from, if the provider keeps the history
    record Said(
            ObjectNode request,
            String messagesField,
            List<JsonNode> messages,
            List<JsonNode> answer,
            Optional<String> continues) {}
}
