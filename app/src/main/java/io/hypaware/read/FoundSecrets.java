package io.hypaware.read;

import io.hypaware.home.Cache;
import io.hypaware.journal.SecretLedger;
import io.hypaware.journal.SecretSighting;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The secrets that were found, with what is recorded of the calls that carried them.
public final class FoundSecrets {

    /// Conversations of one secret for which calls are counted.
    private static final int MOST_CONVERSATIONS = 200;

    private final Cache cache;
    private final Recorded recorded;

    public FoundSecrets(Cache cache, Recorded recorded) {
        this.cache = cache;
        this.recorded = recorded;
    }

    /// Which are wanted.
    ///
    /// @param accepted whether those that the user has dealt with are, too
    public record Wanted(Optional<Instant> since, Optional<String> session, boolean accepted) {}

    /// @param left how many more there are
    public record Result(List<FoundSecret> found, long left) {}

    /// One secret's sightings, added up.
    private static final class Sum {

        private final List<SecretSighting> first = new ArrayList<>();
        private final Set<String> sessions = new HashSet<>();
        private final Map<String, Instant> conversations = new LinkedHashMap<>();
        private Instant last = Instant.EPOCH;
        private long parts;
        private long times;

        private void add(SecretSighting sighting) {
            boolean isBody = sighting.conversation().isEmpty();
            if (first.isEmpty() || (first.getFirst().conversation().isEmpty() && !isBody)) {
                // A body says again what a message says.
                first.clear();
                first.add(sighting);
                parts = 0;
                times = 0;
            } else if (isBody && !first.getFirst().conversation().isEmpty()) {
                return;
            }
            parts++;
            times += sighting.times();
            sessions.add(sighting.session());
            last = sighting.at().isAfter(last) ? sighting.at() : last;
            if (!isBody && conversations.size() < MOST_CONVERSATIONS) {
                conversations.putIfAbsent(sighting.conversation(), sighting.at());
            }
        }

        private SecretSighting first() {
            return first.getFirst();
        }
    }

    /// The newest first.
    public Result list(Wanted wanted, int most) throws QueryException, SQLException, IOException {
        Map<String, Sum> sums = new LinkedHashMap<>();
        Optional<SecretLedger> opened = SecretLedger.openExisting(cache.journal());
        if (opened.isPresent()) {
            try (SecretLedger ledger = opened.get()) {
                Set<String> accepted = wanted.accepted() ? Set.of() : ledger.accepted();
                ledger.read(wanted.since().orElse(Instant.EPOCH), sighting -> {
                    boolean isWanted = !accepted.contains(sighting.fingerprint())
                            && wanted.session()
                                    .filter(one -> !one.equals(sighting.session()))
                                    .isEmpty();
                    if (isWanted) {
                        sums.computeIfAbsent(sighting.fingerprint(), _ -> new Sum())
                                .add(sighting);
                    }
                });
            }
        }
        List<Sum> shown = sums.values().stream()
                .sorted(Comparator.comparing((Sum sum) -> sum.first().at()).reversed())
                .limit(most)
                .toList();
        Map<String, FoundSecret.Receiver> receivers = receivers(shown);
        Map<String, Map<String, Instant>> calls = calls(shown);
        return new Result(
                shown.stream().map(sum -> found(sum, receivers, calls)).toList(), sums.size() - shown.size());
    }

    private static FoundSecret found(
            Sum sum, Map<String, FoundSecret.Receiver> receivers, Map<String, Map<String, Instant>> calls) {
        Set<String> carrying = new HashSet<>();
        if (!sum.first().exchange().isEmpty()) {
            carrying.add(sum.first().exchange());
        }
        sum.conversations.forEach((conversation, from) -> calls.getOrDefault(conversation, Map.of())
                .forEach((call, at) -> {
                    if (!at.isBefore(from)) {
                        carrying.add(call);
                    }
                }));
        return new FoundSecret(
                sum.first(),
                sum.parts,
                sum.times,
                sum.sessions.size(),
                sum.last,
                receivers.getOrDefault(sum.first().exchange(), FoundSecret.Receiver.UNKNOWN),
                carrying.size());
    }

    private Map<String, FoundSecret.Receiver> receivers(List<Sum> shown)
            throws QueryException, SQLException, IOException {
        Set<String> exchanges = shown.stream()
                .map(sum -> sum.first().exchange())
                .filter(exchange -> !exchange.isEmpty())
                .collect(Collectors.toSet());
        Map<String, FoundSecret.Receiver> receivers = new HashMap<>();
        if (!exchanges.isEmpty()) {
            recorded.run(
                    "select exchange_id, provider, upstream, model from exchanges where exchange_id in ("
                            + Recorded.literals(exchanges) + ")",
                    row -> receivers.put(
                            Recorded.text(row, 1),
                            new FoundSecret.Receiver(
                                    Recorded.text(row, 2), Recorded.text(row, 3), Recorded.text(row, 4))));
        }
        return receivers;
    }

    /// When the calls of conversations were made, by those and the exchange.
    private Map<String, Map<String, Instant>> calls(List<Sum> shown) throws QueryException, SQLException, IOException {
        Set<String> conversations = shown.stream()
                .flatMap(sum -> sum.conversations.keySet().stream())
                .collect(Collectors.toSet());
        Map<String, Map<String, Instant>> calls = new HashMap<>();
        if (!conversations.isEmpty()) {
            recorded.run(
                    "select conversation_id, exchange_id, epoch_us(max(message_created_at)) from ai_gateway_messages"
                            + " where exchange_id is not null and conversation_id in ("
                            + Recorded.literals(conversations) + ") group by 1, 2",
                    row -> calls.computeIfAbsent(Recorded.text(row, 1), _ -> new HashMap<>())
                            .put(Recorded.text(row, 2), Recorded.instant(row, 3)));
        }
        return calls;
    }
}
