package io.hypaware.journal;

/// What is kept of one history of a conversation, to recognise the call that extends it.
///
/// @param id 0 for a branch that is not stored yet
/// @param agent who speaks in it, as the wire names one; empty for the session itself
/// @param side whether it is of a small call beside the conversations, such as for a title
/// @param firstPrint fingerprint of its first message
/// @param tipPrint fingerprint of its last assistant message; empty if there is none
/// @param history the messages, in the form the projection chose
public record Branch(
        long id,
        String session,
        String agent,
        String conversation,
        boolean side,
        String firstPrint,
        String tipPrint,
        byte[] history) {

    public Branch withId(long given) {
        return new Branch(given, session, agent, conversation, side, firstPrint, tipPrint, history);
    }
}
