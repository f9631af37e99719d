package io.hypaware.sink.otlp;

import io.hypaware.read.SessionCall.Tokens;

/// What calls counted, together.
final class Spending {

    private Tokens tokens = new Tokens(0, 0, 0, 0);
    private long cost;
    private long calls;

    /// One more call.
    void add(Tokens some, long millionths) {
        tokens = tokens.plus(some);
        cost += millionths;
        calls++;
    }

    boolean isNothing() {
        return calls == 0;
    }

    TraceSpan on(TraceSpan span) {
        return span.tokens(tokens).dollars(GenAi.COST, cost).number(GenAi.CALLS, calls);
    }
}
