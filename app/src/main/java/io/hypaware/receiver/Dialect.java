package io.hypaware.receiver;

import io.hypaware.journal.TelemetryRequest.Signal;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;

/// How OTLP is spoken on a request: over HTTP or over gRPC.
sealed interface Dialect permits HttpDialect, GrpcDialect {

    /// @throws RefusedException if neither is
    static Dialect of(HttpServerRequest request) {
        return GrpcDialect.isGrpc(request) ? new GrpcDialect() : HttpDialect.of(request.headers());
    }

    /// What a path takes; nothing if it takes nothing.
    Optional<Signal> signal(String path);

    /// How the body is written, as the journal calls it.
    ///
    /// @throws RefusedException if it is in no way that is taken
    String contentType(MultiMap headers);

    /// How the body is compressed, as far as the head says it; empty if it is not.
    ///
    /// @throws RefusedException if it is in a way that is not taken
    String contentEncoding(MultiMap headers);

    /// The message in a body that is whole.
    ///
    /// @param encoding as the head says
    /// @throws RefusedException if there is none
    Message message(byte[] body, String encoding);

    /// Says that all was taken.
    Future<Void> succeed(HttpServerRequest request);

    Future<Void> refuse(HttpServerRequest request, Refusal refusal);

    /// @param encoding how the bytes are compressed; empty if they are not
    record Message(byte[] bytes, String encoding) {}

    /// A request is not taken.
    final class RefusedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient Refusal refusal;

        RefusedException(Refusal refusal) {
            super(refusal.message(), null, false, false);
            this.refusal = refusal;
        }

        Refusal refusal() {
            return refusal;
        }
    }
}
