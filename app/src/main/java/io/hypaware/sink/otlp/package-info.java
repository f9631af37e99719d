/// Sessions as OpenTelemetry's traces: spans by its conventions for generative AI, sent by its protocol or written to
/// a file.
@org.jspecify.annotations.NullMarked
package io.hypaware.sink.otlp;
