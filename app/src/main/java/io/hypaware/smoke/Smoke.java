package io.hypaware.smoke;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// The flows, by the names that users of HypAware for Node know.
@SuppressWarnings("ImmutableEnumChecker")
public enum Smoke {
    CORE_BOOT_NOOP(Flows::boot),
    CONFIG_LOAD_VALIDATE(Flows::config),
    CACHE_ROUNDTRIP(Flows::roundTrip),
    CACHE_SPOOL_BATCHING(Flows::batching),
    CACHE_LIFECYCLE_MAINTENANCE(Flows::maintenance),
    GATEWAY_CLAUDE_CAPTURE(Flows::claude),
    GATEWAY_CODEX_CAPTURE(Flows::codex),
    STATUS_DIAGNOSTICS(Flows::status),
    CLAUDE_ATTACH_DETACH(Flows::attach),
    CLIENT_ATTACH_IDEMPOTENT(Flows::attachAgain),
    DAEMON_FOREGROUND_START_STOP(Flows::foreground),
    DAEMON_INSTALL_RENDER(Flows::service),
    WALKTHROUGH_TO_FIRST_QUERY(Flows::preset),
    WALKTHROUGH_PICKER_TO_FIRST_QUERY(Flows::picker),
    BACKFILL_CLAUDE_FIXTURE(BackfillFlows::claude),
    BACKFILL_CODEX_FIXTURE(BackfillFlows::codex),
    WALKTHROUGH_BACKFILL_CLIENT_HISTORY(BackfillFlows::walkthrough),
    OTEL_LISTENER_WRITES_ROWS(TelemetryFlows::listener),
    OTEL_LOOPBACK_CAPTURE(TelemetryFlows::loopback),
    LOCAL_PARQUET_EXPORT(ExportFlows::beside),
    BLOB_SINK_PARQUET_LOCAL_FS(ExportFlows::parquet),
    SINK_EXPORT_DRIVER(ExportFlows::driver),
    ICEBERG_EXPORT_LOCAL_FS(BucketFlows::localTable),
    ICEBERG_EXPORT_S3_FIXTURE(BucketFlows::bucketTable),
    S3_SINK_EXPORT_FIXTURE(BucketFlows::bucketFiles),
    S3_QUERY_ROUNDTRIP(BucketFlows::query),
    CLAUDE_TELEMETRY_CAPTURE(ClaudeTelemetryFlows::capture),
    CLAUDE_TELEMETRY_HYPIGNORE_DROP(ClaudeTelemetryFlows::hypignore),
    CLAUDE_TELEMETRY_SESSION_IGNORE(ClaudeTelemetryFlows::ignore);

    /// Plays on a stage.
    private interface Flow {
        void play(Stage stage) throws IOException, InterruptedException;
    }

    private final Flow flow;

    Smoke(Flow flow) {
        this.flow = flow;
    }

    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static List<String> titles() {
        return Arrays.stream(values()).map(Smoke::title).toList();
    }

    public static Optional<Smoke> named(String title) {
        return Arrays.stream(values())
                .filter(smoke -> smoke.title().equals(title))
                .findFirst();
    }

    /// Plays it in a home of its own.
    ///
    /// @param steps told of each step that went well
    /// @throws SmokeFailure if one did not; says what was expected and what was found
    public void run(Consumer<String> steps) throws IOException, InterruptedException {
        try (Stage stage = new Stage(steps)) {
            flow.play(stage);
        }
    }
}
