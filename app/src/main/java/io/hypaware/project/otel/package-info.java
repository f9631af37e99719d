/// What OpenTelemetry exporters send, as rows of `logs`, `traces` and `metrics`. A request is read record by record,
/// and never held whole in the clear. Knows no client.
@NullMarked
package io.hypaware.project.otel;

import org.jspecify.annotations.NullMarked;
