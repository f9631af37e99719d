package io.hypaware.receiver;

/// Why a request is not taken, as HTTP and as gRPC say it (opentelemetry.io/docs/specs/otlp, "Failures"; gRPC's codes
/// are
/// those of google.rpc.Code).
///
/// @param retrySeconds when to come again; 0 if that is of no use
record Refusal(int status, int code, String message, int retrySeconds) {

    private static final int INVALID_ARGUMENT = 3;
    private static final int DEADLINE_EXCEEDED = 4;
    private static final int PERMISSION_DENIED = 7;
    private static final int RESOURCE_EXHAUSTED = 8;
    private static final int UNIMPLEMENTED = 12;
    private static final int UNAVAILABLE = 14;

    static Refusal malformed(String message) {
        return new Refusal(400, INVALID_ARGUMENT, message, 0);
    }

    static Refusal foreign(String message) {
        return new Refusal(403, PERMISSION_DENIED, message, 0);
    }

    static Refusal unknown(String path) {
        return new Refusal(
                404,
                UNIMPLEMENTED,
                "\"" + path
                        + "\" is not taken here; logs, traces and metrics are, at /v1/logs, /v1/traces and /v1/metrics,"
                        + " or as the services of OTLP over gRPC",
                0);
    }

    static Refusal method() {
        return new Refusal(405, UNIMPLEMENTED, "telemetry is sent by POST", 0);
    }

    static Refusal slow(long seconds) {
        return new Refusal(408, DEADLINE_EXCEEDED, "a request must be complete within " + seconds + " s", 0);
    }

    static Refusal large(long most) {
        return new Refusal(
                413,
                RESOURCE_EXHAUSTED,
                "a request may have " + most + " bytes; send smaller batches, or raise max_request_bytes",
                0);
    }

    static Refusal type(String message) {
        return new Refusal(415, UNIMPLEMENTED, message, 0);
    }

    static Refusal busy(String message, int retrySeconds) {
        return new Refusal(429, RESOURCE_EXHAUSTED, message, retrySeconds);
    }

    static Refusal unavailable(String message, int retrySeconds) {
        return new Refusal(503, UNAVAILABLE, message, retrySeconds);
    }
}
