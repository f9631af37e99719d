package io.hypaware.read;

import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Sessions that stay on this machine: of which a row was said where that is so now, or of which it cannot be told.
public final class LocalSessions {

    /// Telemetry says no folder: of a session that is nowhere else it cannot be told.
    private static final String PLACES =
            "select distinct " + Sessions.KEY + ", cwd, client_name from ai_gateway_messages"
                    + Stream.of("logs", "traces", "metrics")
                            .map(dataset -> " union all select distinct session_id, null, null from " + dataset
                                    + " where session_id is not null")
                            .collect(Collectors.joining());

    private final Recorded recorded;
    private final PrivacyRules rules;

    public LocalSessions(Recorded recorded, PrivacyRules rules) {
        this.recorded = recorded;
        this.rules = rules;
    }

    /// A folder and an agent that rows name; either may be missing.
    private record Place(Optional<String> folder, Optional<String> client) {}

    public Set<String> find() throws QueryException, SQLException, IOException {
        Map<Place, Boolean> stays = new HashMap<>();
        Set<String> local = new HashSet<>(rules.list().sessions().keySet());
        Map<String, Place> placed = new HashMap<>();
        recorded.run(PLACES, row -> {
            String session = Recorded.text(row, 1);
            Place place = new Place(known(Recorded.text(row, 2)), known(Recorded.text(row, 3)));
            if (place.folder().isPresent() && place.client().isPresent()) {
                placed.put(session, place);
                if (stays.computeIfAbsent(place, this::stays)) {
                    local.add(session);
                }
            } else {
                // Another row of the session may say more.
                placed.merge(session, place, LocalSessions::more);
            }
        });
        placed.forEach((session, place) -> {
            if (stays.computeIfAbsent(place, this::stays)) {
                local.add(session);
            }
        });
        return local;
    }

    private static Place more(Place one, Place other) {
        return new Place(one.folder().or(other::folder), one.client().or(other::client));
    }

    private boolean stays(Place place) {
        return rules.of(place.folder(), place.client()).is() != PrivacyClass.SYNC;
    }

    private static Optional<String> known(String text) {
        return Optional.of(text).filter(value -> !value.isEmpty());
    }
}
