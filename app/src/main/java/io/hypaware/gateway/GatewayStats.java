package io.hypaware.gateway;

/// What the gateway has done since it started.
public record GatewayStats(long openCalls, long calls, long refused) {}
