package io.hypaware.gateway;

import java.util.Optional;

/// What a request line asks for (RFC 9112, 3.2): its path and query, and the host it names if it is in absolute
/// form, as clients write it to a proxy.
///
/// @param originForm path and query
record RequestTarget(String originForm, Optional<String> authority) {

    /// Empty for what no origin server is asked.
    static Optional<RequestTarget> parse(String method, String raw) {
        if (raw.startsWith("/")) {
            return Optional.of(new RequestTarget(raw, Optional.empty()));
        }
        if (raw.equals("*") && method.equals("OPTIONS")) {
            return Optional.of(new RequestTarget(raw, Optional.empty()));
        }
        int scheme = raw.indexOf("://");
        if (!raw.regionMatches(true, 0, "http://", 0, 7) && !raw.regionMatches(true, 0, "https://", 0, 8)) {
            return Optional.empty();
        }
        String rest = raw.substring(scheme + 3);
        int path = 0;
        while (path < rest.length() && rest.charAt(path) != '/' && rest.charAt(path) != '?') {
            path++;
        }
        String authority = rest.substring(0, path);
        String origin = rest.substring(path);
        if (authority.isEmpty() || authority.contains("@")) {
            return Optional.empty();
        }
        return Optional.of(new RequestTarget(origin.startsWith("/") ? origin : "/" + origin, Optional.of(authority)));
    }
}
