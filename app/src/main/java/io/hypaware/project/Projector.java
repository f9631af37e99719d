package io.hypaware.project;

import io.hypaware.dataset.Row;
import io.hypaware.journal.CapturedExchange;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Turns the exchanges of one wire format into rows, in two steps: what can be read without knowing the conversation,
/// and the rows, once it is known which messages are new.
public interface Projector {

    boolean accepts(CapturedExchange exchange);

    /// Reads the exchange. Pure, and done outside of any transaction.
    ///
    /// @throws IOException if the journal cannot be read
    Reading read(Exchange exchange) throws IOException;

    /// An exchange that was read.
    interface Reading {

        ExchangeRow.Details details();

        /// What of the exchange could not be read, if anything; the rest could.
        Optional<String> problem();

        /// The session that the call names.
        Optional<String> session();

        /// Who speaks, where the wire names one of the session's agents.
        Optional<String> agent();

        /// What the call says, to be placed in a conversation.
        Placement.Call call();

        /// Whether this is a small call beside the conversation, which never gives a session its first conversation.
        Optional<String> sideCall();

        /// Writes the rows of what is new; returns the history that the next call may extend.
        History write(Conversation conversation, Sink sink) throws IOException;
    }

    /// Where the call was placed.
    ///
    /// @param known the history it extends, if any
    record Conversation(String gatewayId, String id, boolean sidechain, Optional<History> known, Alignment alignment) {}

    /// Takes rows and payloads.
    interface Sink extends PayloadSink {
        void row(Row row);

        /// Whether a row with this id was ever written.
        boolean isSeen(String rowId);

        /// Whether this is the first time that somebody asks for this key. It is no row's id.
        boolean isFirst(String key);

        /// Keeps a value that is its pieces one after the other, each once if it is large.
        ///
        /// @return what a payload column holds for it
        String keep(List<String> pieces);
    }

    /// The fingerprints of the answers in a request, by which a call without a session finds its conversation.
    static List<String> answerPrints(Placement.Call call) {
        return call.messages().reversed().stream()
                .filter(MessagePrint::isAssistant)
                .map(MessagePrint::text)
                .toList();
    }
}
