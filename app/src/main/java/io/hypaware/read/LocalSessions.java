package io.hypaware.read;

import io.hypaware.dataset.Datasets;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.project.Messages;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
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

    /// Where what was said was said.
    static final String SAID = "select distinct " + Sessions.KEY + ", cwd, client_name from ai_gateway_messages";

    /// Telemetry says no folder: of a session that is nowhere else it cannot be told.
    private static final String PLACES = SAID
            + Stream.of("logs", "traces", "metrics", "claude_telemetry_events")
                    .map(dataset -> " union all select distinct session_id, null, null from " + dataset
                            + " where session_id is not null")
                    .collect(Collectors.joining());

    /// All that says where sessions are, of every dataset that names them.
    static final String EVERYWHERE = SAID
            + Datasets.all().stream()
                    .filter(dataset -> !dataset.equals(Messages.DATASET)
                            && dataset.column("session_id").isPresent())
                    .map(dataset -> " union all select distinct session_id, null, "
                            + (dataset.column("client_name").isPresent() ? "client_name" : "null") + " from "
                            + dataset.name() + " where session_id is not null")
                    .collect(Collectors.joining());

    /// Sessions of some of which there are calls, but nothing that was said: where they worked is not known.
    static final String UNSAID = "select distinct session_id, null, client_name from exchanges where session_id in (%s)"
            + " and model is not null";

    private final Recorded recorded;
    private final PrivacyRules rules;

    public LocalSessions(Recorded recorded, PrivacyRules rules) {
        this.recorded = recorded;
        this.rules = rules;
    }

    /// A folder and an agent that rows name; either may be missing.
    private record Place(Optional<String> folder, Optional<String> client) {}

    public Set<String> find() throws QueryException, SQLException, IOException {
        Sorter sorter = new Sorter(rules);
        recorded.run(PLACES, sorter::read);
        return sorter.local();
    }

    /// Tells those that stay from the others, by where their rows were said.
    static final class Sorter {

        private final PrivacyRules rules;
        private final Map<Place, Boolean> stays = new HashMap<>();
        private final Set<String> local;
        private final Map<String, Place> placed = new HashMap<>();

        Sorter(PrivacyRules rules) {
            this.rules = rules;
            this.local = new HashSet<>(rules.list().sessions().keySet());
        }

        void read(QueryResult row) throws SQLException {
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
        }

        Set<String> local() {
            placed.forEach((session, place) -> {
                if (stays.computeIfAbsent(place, this::stays)) {
                    local.add(session);
                }
            });
            return local;
        }

        private boolean stays(Place place) {
            return rules.of(place.folder(), place.client()).is() != PrivacyClass.SYNC;
        }
    }

    private static Place more(Place one, Place other) {
        return new Place(one.folder().or(other::folder), one.client().or(other::client));
    }

    private static Optional<String> known(String text) {
        return Optional.of(text).filter(value -> !value.isEmpty());
    }
}
