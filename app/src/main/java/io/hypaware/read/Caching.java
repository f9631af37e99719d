package io.hypaware.read;

/// How a provider caches prompts, as far as its answers and documents say.
enum Caching {

    /// Up to marks in the request; what is written to the cache is counted.
    MARKED {
        @Override
        long cached(SessionCall.Tokens tokens) {
            return tokens.cacheRead() + tokens.cacheWrite();
        }

        @Override
        long rewritten(long lost, SessionCall.Tokens tokens) {
            return Math.min(lost, tokens.cacheWrite());
        }
    },

    /// By itself: the longest prefix from 1,024 tokens on, in steps of 128; what is written is not counted.
    BY_PREFIX {
        private static final long LEAST_TOKENS = 1_024;
        private static final long STEP_TOKENS = 128;

        @Override
        long cached(SessionCall.Tokens tokens) {
            long prompt = tokens.prompt();
            return prompt < LEAST_TOKENS ? 0 : prompt - prompt % STEP_TOKENS;
        }

        @Override
        long rewritten(long lost, SessionCall.Tokens tokens) {
            return Math.min(lost, tokens.input());
        }
    };

    static Caching of(String provider) {
        return provider.equals("anthropic") ? MARKED : BY_PREFIX;
    }

    /// How many tokens are in the cache after a call.
    abstract long cached(SessionCall.Tokens tokens);

    /// How many of the tokens that were lost had to be read anew.
    abstract long rewritten(long lost, SessionCall.Tokens tokens);
}
