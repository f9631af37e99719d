package io.hypaware.journal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// An exchange as the journal holds it. Bodies are read apart, through [Journal#body].
///
/// @param requestBytes of the body as it passed, which may be more than was recorded; so for `responseBytes`
/// @param connection the exchange that began the connection on which this one passed, if that is another one
public record CapturedExchange(
        long seq,
        String id,
        Instant startedAt,
        Instant endedAt,
        String upstream,
        String provider,
        String method,
        String path,
        List<Header> requestHeaders,
        Optional<Integer> status,
        List<Header> responseHeaders,
        Optional<Duration> timeToFirstByte,
        Outcome outcome,
        String closedBy,
        long requestBytes,
        long responseBytes,
        Optional<String> error,
        Optional<String> connection) {

    public CapturedExchange {
        requestHeaders = List.copyOf(requestHeaders);
        responseHeaders = List.copyOf(responseHeaders);
    }

    /// As a row of the journal has it.
    static CapturedExchange of(ResultSet row) throws SQLException {
        int status = row.getInt("status");
        Optional<Integer> knownStatus = row.wasNull() ? Optional.empty() : Optional.of(status);
        long ttfb = row.getLong("ttfb_us");
        Optional<Duration> timeToFirstByte =
                row.wasNull() ? Optional.empty() : Optional.of(Duration.ofNanos(ttfb * 1_000));
        String responseHeaders = row.getString("response_headers");
        return new CapturedExchange(
                row.getLong("seq"),
                row.getString("id"),
                Micros.toInstant(row.getLong("started_us")),
                Micros.toInstant(row.getLong("ended_us")),
                row.getString("upstream"),
                row.getString("provider"),
                row.getString("method"),
                row.getString("path"),
                HeaderJson.read(row.getString("request_headers")),
                knownStatus,
                responseHeaders == null ? List.of() : HeaderJson.read(responseHeaders),
                timeToFirstByte,
                // Of a connection that is open, neither is known yet.
                Optional.ofNullable(row.getString("outcome")).map(Outcome::of).orElse(Outcome.COMPLETED),
                Objects.requireNonNullElse(row.getString("closed_by"), ""),
                row.getLong("request_bytes"),
                row.getLong("response_bytes"),
                Optional.ofNullable(row.getString("error")),
                Optional.ofNullable(row.getString("connection")));
    }

    /// The same, completed after all.
    public CapturedExchange completed() {
        return ended(Outcome.COMPLETED, Optional.empty());
    }

    /// The same, cut by the provider after all.
    public CapturedExchange cutByUpstream() {
        return ended(Outcome.UPSTREAM_CUT, Optional.of("the stream ended without its last event"));
    }

    /// The same, with bodies of these sizes.
    public CapturedExchange withBodies(long request, long response) {
        return with(outcome, request, response, error);
    }

    /// The same, with something said of it beside what is known.
    public CapturedExchange withError(String more) {
        return ended(
                outcome, Optional.of(error.map(known -> known + "; " + more).orElse(more)));
    }

    /// The same, without what a header of the request said: it is not true of the body any more.
    public CapturedExchange withoutRequestHeader(String name) {
        return withHeaders(without(requestHeaders, name), responseHeaders);
    }

    /// The same, without a header of the answer.
    public CapturedExchange withoutResponseHeader(String name) {
        return withHeaders(requestHeaders, without(responseHeaders, name));
    }

    private static List<Header> without(List<Header> headers, String name) {
        return headers.stream().filter(h -> !h.name().equalsIgnoreCase(name)).toList();
    }

    private CapturedExchange withHeaders(List<Header> request, List<Header> response) {
        return with(outcome, requestBytes, responseBytes, error, new Headers(request, response));
    }

    private record Headers(List<Header> request, List<Header> response) {}

    /// The same, with what is said of it put otherwise.
    public CapturedExchange withErrorAs(UnaryOperator<String> put) {
        return ended(outcome, error.map(put));
    }

    private CapturedExchange ended(Outcome how, Optional<String> why) {
        return with(how, requestBytes, responseBytes, why);
    }

    private CapturedExchange with(Outcome how, long request, long response, Optional<String> why) {
        return with(how, request, response, why, new Headers(requestHeaders, responseHeaders));
    }

    private CapturedExchange with(Outcome how, long request, long response, Optional<String> why, Headers headers) {
        return new CapturedExchange(
                seq,
                id,
                startedAt,
                endedAt,
                upstream,
                provider,
                method,
                path,
                headers.request(),
                status,
                headers.response(),
                timeToFirstByte,
                how,
                closedBy,
                request,
                response,
                why,
                connection);
    }

    /// Whether it is a connection that became a WebSocket.
    public boolean isWebSocket() {
        return status.equals(Optional.of(101));
    }

    /// Whether it is a recording of a connection that goes on in another one: the gateway ended it, and says why though
    /// nothing went wrong.
    public boolean goesOn() {
        return isWebSocket() && closedBy.equals("gateway") && outcome == Outcome.COMPLETED && error.isPresent();
    }

    /// The exchange that began the connection, which may be this one.
    public String beginning() {
        return connection.orElse(id);
    }

    /// The path without its query, and without slashes at its end.
    public String barePath() {
        int end = path.indexOf('?');
        String bare = end < 0 ? path : path.substring(0, end);
        while (bare.endsWith("/")) {
            bare = bare.substring(0, bare.length() - 1);
        }
        return bare;
    }

    public Optional<String> requestHeader(String name) {
        return find(requestHeaders, name);
    }

    public Optional<String> responseHeader(String name) {
        return find(responseHeaders, name);
    }

    private static Optional<String> find(List<Header> headers, String name) {
        return headers.stream()
                .filter(h -> h.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst();
    }

    /// The headers as JSON: a list of `[name, value]` pairs.
    public String requestHeadersJson() {
        return HeaderJson.write(requestHeaders);
    }

    public String responseHeadersJson() {
        return HeaderJson.write(responseHeaders);
    }
}
