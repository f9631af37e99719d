package io.hypaware.gateway;

import io.hypaware.journal.ExchangeEnd;
import io.hypaware.journal.Outcome;
import java.util.Optional;

/// What became of the last calls to an upstream.
///
/// @param lastCallMillis when the last one began
/// @param failedInARow how many of the last ones did not reach the provider
/// @param error why the last one did not
public record UpstreamStats(long lastCallMillis, int failedInARow, Optional<String> error) {

    static final UpstreamStats NONE = new UpstreamStats(0, 0, Optional.empty());

    UpstreamStats begun(long millis) {
        return new UpstreamStats(millis, failedInARow, error);
    }

    UpstreamStats ended(ExchangeEnd end) {
        return switch (end.outcome()) {
            case Outcome.UPSTREAM_ERROR -> new UpstreamStats(lastCallMillis, failedInARow + 1, end.error());
            // These say nothing of the provider.
            case Outcome.CLIENT_ABORTED, Outcome.GATEWAY_ERROR -> this;
            default -> new UpstreamStats(lastCallMillis, 0, Optional.empty());
        };
    }
}
