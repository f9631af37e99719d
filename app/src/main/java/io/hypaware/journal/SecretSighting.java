package io.hypaware.journal;

import java.time.Instant;

/// A secret in one place, known by its fingerprint alone.
///
/// @param place the row of a part of a message, or the hash of a payload
/// @param origin how it came there, such as `tool result`
/// @param times that it stands there
/// @param session empty where it is not known; so for what follows
/// @param exchange the call that said it first
/// @param tool that was called, or gave it back
/// @param file that the tool was called with
public record SecretSighting(
        String fingerprint,
        String place,
        String rule,
        String origin,
        int times,
        Instant at,
        String session,
        String conversation,
        String exchange,
        String tool,
        String file) {}
