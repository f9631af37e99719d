package io.hypaware.project.otel;

import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.resource.v1.Resource;
import java.time.Instant;
import java.util.Optional;

/// One log record, with what stands around it in its request.
///
/// @param receivedAt when the request was received
/// @param session that its attributes name
/// @param rowId of its row in `logs`: the same whenever the record is read, and no other record's
public record LogEvent(
        Resource resource,
        InstrumentationScope scope,
        LogRecord log,
        Instant receivedAt,
        Optional<String> session,
        String rowId) {}
