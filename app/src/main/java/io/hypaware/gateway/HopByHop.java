package io.hypaware.gateway;

import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Copies header fields from one side to the other, all but those that concern one connection only (RFC 9110, 7.6.1).
final class HopByHop {

    private static final Set<String> ALWAYS =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

    /// @param dropHost whether Host is left out, because the next hop has its own
    static void copy(MultiMap from, MultiMap to, boolean dropHost) {
        Set<String> named = namedByConnection(from);
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            boolean dropped = ALWAYS.contains(name) || named.contains(name) || (dropHost && name.equals("host"));
            if (!dropped) {
                to.add(header.getKey(), header.getValue());
            }
        }
    }

    /// Asks for the protocol that the client asks for. The other options of its connection are not the next one's.
    static void copyUpgrade(MultiMap from, MultiMap to) {
        to.add("Connection", "Upgrade");
        from.getAll("upgrade").forEach(value -> to.add("Upgrade", value));
    }

    private static Set<String> namedByConnection(MultiMap headers) {
        Set<String> names = new HashSet<>();
        for (String value : headers.getAll("connection")) {
            for (String name : value.split(",", -1)) {
                names.add(name.strip().toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }

    private HopByHop() {}
}
