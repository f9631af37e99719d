package io.hypaware.journal;

import java.time.Instant;
import java.util.Optional;

/// How a call ended. Byte counts are of bodies as they passed, recorded or not.
///
/// @param closedBy who closed first: client, upstream or gateway
public record ExchangeEnd(
        Instant endedAt,
        Outcome outcome,
        String closedBy,
        long requestBytes,
        long responseBytes,
        Optional<String> error) {}
