package io.hypaware.sink.team;

import io.hypaware.dataset.Dataset;
import io.hypaware.journal.RowLedger;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.QueryException;
import io.hypaware.read.LeavingRows;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What would be forwarded now, and what stays here and why.
///
/// @param datasets rows that leave, by dataset; what payloads they refer to comes besides
/// @param folders rows of messages that leave, by the folder in which they were said
/// @param sessions that leave
/// @param staying what stays, by what says so
public record SyncPlan(
        Map<String, Amount> datasets, Map<String, Amount> folders, Set<String> sessions, Map<String, Stays> staying) {

    /// @param bytes of texts, as they are stored
    public record Amount(long rows, long bytes) {
        private Amount plus(Amount other) {
            return new Amount(rows + other.rows, bytes + other.bytes);
        }
    }

    /// @param sessions of which there are such rows; an empty one for those that name none
    public record Stays(Set<String> sessions, long rows) {
        private Stays plus(Stays other) {
            Set<String> all = new TreeSet<>(sessions);
            all.addAll(other.sessions);
            return new Stays(all, rows + other.rows);
        }
    }

    static SyncPlan of(Forward.Environment environment, String name) throws QueryException, SQLException, IOException {
        SyncPlan plan = new SyncPlan(new TreeMap<>(), new TreeMap<>(), new TreeSet<>(), new TreeMap<>());
        PrivacyRules rules = PrivacyRules.of(environment.cache().privacyList());
        LeavingRows rows =
                new LeavingRows(environment.cache(), environment.config().memoryBytes());
        try (RowLedger ledger = RowLedger.openExisting(environment.cache().journal(), name)
                .orElseThrow(() -> new QueryException("nothing was recorded yet"))) {
            for (Dataset dataset : Forward.datasets()) {
                List<Integer> gone = rows.adopted(dataset).stream()
                        .filter(number -> ledger.isDone(dataset.name(), number))
                        .toList();
                List<LeavingRows.Share> shares = rows.shares(dataset, ledger.position(dataset.name()), gone);
                Set<String> staying = rows.staying(
                        shares.stream().map(LeavingRows.Share::session).collect(Collectors.toSet()));
                for (LeavingRows.Share share : shares) {
                    plan.add(dataset, share, staying.contains(share.session()) ? Optional.of(rules) : Optional.empty());
                }
            }
        }
        return plan;
    }

    /// @param stays by what it stays, if it does
    private void add(Dataset dataset, LeavingRows.Share share, Optional<PrivacyRules> stays) {
        Amount amount = new Amount(share.rows(), share.bytes());
        if (stays.isPresent()) {
            staying.merge(why(stays.get(), share), new Stays(Set.of(share.session()), share.rows()), Stays::plus);
            return;
        }
        datasets.merge(dataset.name(), amount, Amount::plus);
        if (!share.session().equals(LeavingRows.NO_SESSION)) {
            sessions.add(share.session());
        }
        if (!share.folder().isEmpty()) {
            folders.merge(share.folder(), amount, Amount::plus);
        }
    }

    private static String why(PrivacyRules rules, LeavingRows.Share share) {
        if (share.session().equals(LeavingRows.NO_SESSION)) {
            return "they name no session, and some sessions stay here";
        }
        if (rules.isOptedOut(share.session())) {
            return "the session was taken out";
        }
        String said = rules.of(Optional.of(share.folder()).filter(folder -> !folder.isEmpty()), Optional.empty())
                .why();
        return said.isEmpty() ? "rows of these sessions were said where that is so, or nobody knows where" : said;
    }
}
