package io.hypaware.read;

import java.time.Instant;

/// A text that went to a provider or came from one, and where it stands.
///
/// @param place the row of a part of a message, or the hash of a payload
/// @param origin what it is, such as `tool result`
/// @param session empty where it is not known; so for what follows
/// @param tool that is called by it
/// @param resultFor the call whose result it is
public record ScannableText(
        String place,
        String origin,
        String text,
        Instant at,
        String session,
        String conversation,
        String exchange,
        String tool,
        String resultFor) {}
