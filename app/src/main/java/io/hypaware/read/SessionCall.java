package io.hypaware.read;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// One call of a session, as its exchange and the tokens that its answer counted tell.
///
/// @param conversation the chain of calls that it belongs to
/// @param sideCall a small call beside the conversation, such as for a title
/// @param betas the `anthropic-beta` header as sent; empty if there is none
public record SessionCall(
        String exchangeId,
        String session,
        Instant startedAt,
        Duration duration,
        Optional<Integer> status,
        String outcome,
        Optional<String> model,
        String conversation,
        Optional<String> sideCall,
        String betas,
        String provider,
        Tokens tokens) {

    Caching caching() {
        return Caching.of(provider);
    }

    /// How many tokens are in the provider's cache after the call.
    long cached() {
        return caching().cached(tokens);
    }

    /// What the provider counted. `input` is what was neither read from its cache nor written to it.
    public record Tokens(long input, long output, long cacheRead, long cacheWrite) {

        /// All that the model was sent, wherever the provider had it from.
        public long prompt() {
            return input + cacheRead + cacheWrite;
        }

        public long all() {
            return prompt() + output;
        }

        public Tokens plus(Tokens other) {
            return new Tokens(
                    input + other.input,
                    output + other.output,
                    cacheRead + other.cacheRead,
                    cacheWrite + other.cacheWrite);
        }
    }

    /// Whether the provider answered it, so that its tokens mean something.
    public boolean isAnswered() {
        return status.filter(s -> s < 400).isPresent() && tokens.all() > 0;
    }

    /// Whether it has no whole answer, or one that says an error.
    public boolean isFailed() {
        return status.filter(s -> s < 400).isEmpty() || !outcome.equals("completed");
    }
}
