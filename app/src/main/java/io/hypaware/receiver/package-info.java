/// What OpenTelemetry exporters send: listens for OTLP over HTTP and gRPC, and has each request written to the journal
/// whole before it is answered. Nothing is unpacked or parsed here; workers do that. Knows the journal's writer and
/// the gateway's rules about callers, and takes no thread, no connection and no memory from calls.
@org.jspecify.annotations.NullMarked
package io.hypaware.receiver;
