package io.hypaware.project.known;

/// A part of a message that has a row.
///
/// @param agent who speaks, as the client names one; empty for the session itself
/// @param key what it is known by, see [PartKey]
/// @param response the provider's id of the answer that it is of; empty where it is not known, or of no answer
/// @param uuid the client's own name of the line that it came by; empty where it is not known
/// @param after the last message of the assistant before it, by the id of its rows; empty at the beginning
/// @param createdMicros primary time of the row
/// @param heard whether a call said it
/// @param told whether a transcript did
/// @param output how many tokens its answer counted, if it carries that; else 0
/// @param local whether an agent said it to its user alone
public record KnownPart(
        String rowId,
        String messageId,
        int partIndex,
        String conversation,
        String session,
        String agent,
        String key,
        String response,
        String uuid,
        String after,
        long createdMicros,
        boolean heard,
        boolean told,
        long output,
        boolean local) {

    /// One of which no more is known than that a transcript has told of it.
    public static KnownPart told(String messageId, KnownParts.Wanted wanted, String uuid) {
        return new KnownPart(
                "",
                messageId,
                0,
                "",
                wanted.speaker().session(),
                wanted.speaker().agent(),
                wanted.key(),
                wanted.response(),
                uuid,
                wanted.after(),
                wanted.atMicros(),
                false,
                true,
                0,
                false);
    }

    /// The same after a transcript has told of it.
    KnownPart asTold(String name) {
        return new KnownPart(
                rowId,
                messageId,
                partIndex,
                conversation,
                session,
                agent,
                key,
                response,
                name,
                after,
                createdMicros,
                heard,
                true,
                output,
                local);
    }
}
