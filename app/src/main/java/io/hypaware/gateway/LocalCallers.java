package io.hypaware.gateway;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Keeps web pages out: a browser on this machine reaches loopback too, and a page can rebind its own name to it.
/// A call passes only under a name of this machine, and without the origin of a foreign page.
public final class LocalCallers {

    private final List<String> allowedHosts;
    private final boolean remote;

    public LocalCallers(List<String> allowedHosts, boolean remote) {
        this.allowedHosts =
                allowedHosts.stream().map(h -> h.toLowerCase(Locale.ROOT)).toList();
        this.remote = remote;
    }

    /// Why the call is refused; empty if it may pass.
    ///
    /// @param authority of a target in absolute form, which names the host as Host does
    public Optional<String> refusal(MultiMap headers, Optional<String> authority) {
        for (String host : Stream.concat(authority.stream(), headers.getAll("host").stream())
                .toList()) {
            if (!isOurs(hostName(host))) {
                return Optional.of("the Host \"" + host
                        + "\" is not a name of this gateway; call it by 127.0.0.1 or add the name to allowed_hosts");
            }
        }
        for (String site : headers.getAll("sec-fetch-site")) {
            if (site.equalsIgnoreCase("cross-site") || site.equalsIgnoreCase("same-site")) {
                return Optional.of(
                        "calls from web pages of another site (Sec-Fetch-Site \"" + site + "\") are refused");
            }
        }
        for (String origin : headers.getAll("origin")) {
            if (!isOurs(originHost(origin))) {
                return Optional.of("calls from web pages (Origin \"" + origin + "\") are refused");
            }
        }
        return Optional.empty();
    }

    /// Whether the other end of a connection is on this machine, too.
    static boolean isHere(HttpConnection connection) {
        String peer = connection.remoteAddress().hostAddress();
        return peer != null
                && (InetAddress.ofLiteral(peer).isLoopbackAddress()
                        || peer.equals(connection.localAddress().hostAddress()));
    }

    private boolean isOurs(@Nullable String name) {
        if (name == null) {
            return false;
        }
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || name.equals("[::1]")
                || (isIpv4(name) && (remote || name.startsWith("127.")))
                || (remote && name.startsWith("["))
                || allowedHosts.contains(name);
    }

    private static boolean isIpv4(String name) {
        return name.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    }

    private static String hostName(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        int colon = lower.lastIndexOf(':');
        return colon > lower.indexOf(']') ? lower.substring(0, colon) : lower;
    }

    private static @Nullable String originHost(String origin) {
        try {
            String host = URI.create(origin).getHost();
            return host == null ? null : host.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
