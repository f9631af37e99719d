package io.hypaware.client;

/// Where the gateway is, as an agent is to be told.
///
/// @param url without a path
/// @param isAnthropicDirect whether calls to Anthropic go on to Anthropic itself
/// @param version of this program, for the marker
/// @param now for the marker
public record Address(String url, int port, boolean isAnthropicDirect, String version, String now) {

    /// The same, with something between us and Anthropic.
    public Address indirect() {
        return new Address(url, port, false, version, now);
    }
}
