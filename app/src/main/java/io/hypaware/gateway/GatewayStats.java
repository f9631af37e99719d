package io.hypaware.gateway;

import java.util.Map;

/// What the gateway has done since it started.
///
/// @param upstreams by name, those that were called
public record GatewayStats(long openCalls, long calls, long refused, Map<String, UpstreamStats> upstreams) {

    public static final GatewayStats NONE = new GatewayStats(0, 0, 0, Map.of());

    public GatewayStats {
        upstreams = Map.copyOf(upstreams);
    }
}
