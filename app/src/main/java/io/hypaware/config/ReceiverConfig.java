package io.hypaware.config;

import java.util.List;

/// Settings of the receiver of OpenTelemetry: `config` of the plugin `@hypaware/otel`.
public record ReceiverConfig(
        @Key(
                doc = "Address to receive telemetry on; anything but loopback needs allow_remote.",
                defaultJson = "\"127.0.0.1\"")
        String listenHost,

        @Key(doc = "Port of OTLP over HTTP; 0 takes a free one.", defaultJson = "4318", max = 65535)
        int listenPort,

        @Key(doc = "Port of OTLP over gRPC; 0 takes a free one.", defaultJson = "4317", max = 65535)
        int grpcPort,

        @Key(
                doc = "Listen on an address that other machines reach. Anyone who reaches it can write rows.",
                defaultJson = "false")
        boolean allowRemote,

        @Key(
                doc = "Names, besides loopback, that an exporter may call the receiver by (Host header).",
                defaultJson = "[]")
        List<String> allowedHosts,

        @Key(
                doc = "Most bytes of one request, as they are sent; a longer one is refused.",
                defaultJson = "4194304",
                min = 1024,
                max = 33554432)
        long maxRequestBytes,

        @Key(
                doc =
                        "Most bytes of all requests that arrive or wait for the disk; over it exporters are told to come again.",
                defaultJson = "8388608",
                min = 1048576,
                max = 33554432)
        long queueBytes,

        @Key(
                doc = "Most connections of exporters; over it the one that is idle longest is closed.",
                defaultJson = "128",
                min = 1,
                max = 1024)
        int maxConnections,

        @Key(
                doc =
                        "Most bytes of bodies that Claude Code writes down and that wait to be read; over it the oldest are deleted.",
                defaultJson = "1073741824",
                min = 16777216,
                max = 1099511627776L)
        long spoolMaxBytes) {

    public ReceiverConfig {
        if (listenPort != 0 && listenPort == grpcPort) {
            throw new ConfigException("/grpc_port", "found " + grpcPort + ", which is listen_port, too");
        }
        if (maxRequestBytes > queueBytes) {
            throw new ConfigException(
                    "/max_request_bytes",
                    "found " + maxRequestBytes + ", more than queue_bytes, which is " + queueBytes);
        }
    }
}
