package io.hypaware.project;

import io.hypaware.journal.CapturedExchange;

/// A captured exchange with its bodies, as they were sent.
public record Exchange(CapturedExchange captured, Body request, Body response) {

    /// The request in the clear.
    public Body readableRequest() {
        return request.readable(captured.requestHeader("content-encoding"));
    }

    /// The answer in the clear.
    public Body readableResponse() {
        return response.readable(captured.responseHeader("content-encoding"));
    }
}
