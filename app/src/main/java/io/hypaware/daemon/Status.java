package io.hypaware.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.config.HypConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Row;
import io.hypaware.home.Cache;
import io.hypaware.home.HypHome;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalException;
import io.hypaware.journal.JournalStats;
import io.hypaware.journal.Micros;
import io.hypaware.journal.Problem;
import io.hypaware.journal.SecretLedger;
import io.hypaware.journal.SecretSighting;
import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.SinkState;
import io.hypaware.journal.TeamLedger;
import io.hypaware.lake.CatalogGlance;
import io.hypaware.lake.LakeTable;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.privacy.PrivacyListException;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Everything `hyp status` shows, as JSON; the text form is made of it.
public final class Status {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PROBLEMS = 5;

    /// More are seen by hyp privacy scan.
    private static final int SECRETS = 6;

    private final HypHome home;
    private final HypConfig config;

    public Status(HypHome home, HypConfig config) {
        this.home = home;
        this.config = config;
    }

    /// Each part that cannot be read says so in an `error` of its own; the others are there all the same.
    public ObjectNode collect() {
        ObjectNode status = JSON.createObjectNode();
        status.put("home", home.root().toString());
        status.set("gateway", ofGateway(home));
        ArrayNode warnings = status.putArray("warnings");
        config.warnings().forEach(warnings::add);
        Cache cache = home.cache(config);
        privacy(status.putObject("privacy"), cache);
        ObjectNode journalNode = status.putObject("journal");
        ObjectNode datasetsNode = status.putObject("datasets");
        var problems = status.putArray("problems");
        try {
            Optional<Journal> journal = Journal.openExisting(cache.journal());
            if (journal.isEmpty()) {
                journalNode.put("state", "nothing was recorded yet");
                return status;
            }
            try (Journal open = journal.get()) {
                JournalStats stats = open.stats();
                journalNode.put("open", stats.open());
                journalNode.put("pending", stats.pending());
                journalNode.put("pending_bytes", stats.pendingBytes());
                journalNode.put("failed", stats.failed());
                journalNode.put("dropped", stats.dropped());
                journalNode.put("telemetry_pending", stats.telemetry().pending());
                journalNode.put("telemetry_pending_bytes", stats.telemetry().pendingBytes());
                journalNode.put("telemetry_failed", stats.telemetry().failed());
                datasets(datasetsNode, stats, cache);
                limits(status.putArray("limits"), open);
                status.withObject("privacy")
                        .put(
                                "ignored_sessions",
                                open.sessionClasses()
                                        .all(PrivacyClass.IGNORE.word())
                                        .size());
                journalNode.put("purges_open", open.purges().open().size());
                ArrayNode setAside = status.putArray("set_aside");
                open.attempts().setAside().forEach(setAside::add);
                secrets(status.putArray("secrets"), cache);
                sinks(status.putArray("sinks"), cache);
                team(status, cache);
                for (Problem problem : open.problems().newest(PROBLEMS)) {
                    problems.addObject()
                            .put("at", problem.at().toString())
                            .put("place", problem.place())
                            .put("message", problem.message());
                }
            }
        } catch (JournalException e) {
            journalNode.put("error", e.getMessage());
        }
        return status;
    }

    /// What the user has said, as numbers.
    private static void privacy(ObjectNode privacy, Cache cache) {
        try {
            PrivacyList list = PrivacyList.read(cache.privacyList());
            privacy.put("marks", list.marks().size());
        } catch (PrivacyListException e) {
            privacy.put("error", e.getMessage());
        }
    }

    /// Secrets that were sent and not dealt with.
    private static void secrets(ArrayNode secrets, Cache cache) {
        SecretLedger.openExisting(cache.journal()).ifPresent(opened -> {
            try (SecretLedger ledger = opened) {
                for (SecretSighting sighting : ledger.open(SECRETS)) {
                    secrets.addObject()
                            .put("fingerprint", sighting.fingerprint())
                            .put("rule", sighting.rule())
                            .put("at", sighting.at().toString())
                            .put("session", sighting.session());
                }
            }
        });
    }

    /// Where exports go, and how it stands with each.
    private void sinks(ArrayNode sinks, Cache cache) {
        if (config.sinks().isEmpty()) {
            return;
        }
        SinkLedger.openExisting(cache.journal()).ifPresent(opened -> {
            try (SinkLedger ledger = opened) {
                new TreeMap<>(config.sinks()).forEach((name, sink) -> {
                    ObjectNode node = sinks.addObject();
                    node.put("instance", name);
                    node.put("kind", sink.kind());
                    if (sink.isBuilt()) {
                        node.put("to", config.target(sink));
                    }
                    state(node, ledger.shown(name, cache.sinkLock()));
                });
            }
        });
    }

    private static void state(ObjectNode node, SinkState state) {
        state.run().ifPresent(at -> node.put("last_tick_at", at.toString()));
        state.done().ifPresent(at -> node.put("last_success_at", at.toString()));
        state.next().ifPresent(at -> node.put("next_at", at.toString()));
        node.put("sent", state.sent());
        node.put("refused", state.refused());
        if (state.lately().count() > 0) {
            node.put("refused_lately", state.lately().count());
            node.put("refusal", state.lately().why());
        }
        if (state.failures() > 0) {
            node.put("failures", state.failures());
            node.put("error", state.error());
        }
    }

    /// How it stands with the team's lake, if there is one.
    private void team(ObjectNode status, Cache cache) {
        config.lake().team().ifPresent(team -> {
            ObjectNode node = status.putObject("team");
            node.put("catalog", team.shownCatalog());
            node.put("warehouse", team.warehouseLocation());
            TeamLedger.openExisting(cache.journal(), team.ledgerName()).ifPresent(opened -> {
                try (TeamLedger ledger = opened) {
                    ledger.consent().ifPresent(at -> node.put("agreed_at", at.toString()));
                }
            });
            SinkLedger.openExisting(cache.journal()).ifPresent(opened -> {
                try (SinkLedger ledger = opened) {
                    state(node, ledger.shown(team.ledgerName(), cache.teamLock()));
                }
            });
        });
    }

    /// What providers said last of how much is left.
    private static void limits(ArrayNode limits, Journal journal) {
        Optional<Dataset> dataset = Datasets.named("limits");
        for (Row row : dataset.map(journal::latest).orElse(List.of())) {
            ObjectNode limit = limits.addObject();
            for (String column : List.of("upstream", "name", "status")) {
                row.value(column).ifPresent(value -> limit.put(column, value.toString()));
            }
            for (String column : List.of("most", "remaining", "used")) {
                row.value(column).ifPresent(value -> limit.put(column, (Double) value));
            }
            row.value("window_minutes").ifPresent(value -> limit.put("window_minutes", (Long) value));
            for (String column : List.of("reset_at", "said_at")) {
                row.value(column)
                        .ifPresent(value ->
                                limit.put(column, Micros.toInstant((Long) value).toString()));
            }
        }
    }

    /// What the gateway says of itself, or that there is none.
    public static ObjectNode ofGateway(HypHome home) {
        ObjectNode node = JSON.createObjectNode();
        switch (Presence.of(new GatewayFiles(home))) {
            case Presence.Absent _ -> node.put("running", false);
            case Presence.Answering(GatewayFiles.Address address, JsonNode live) -> {
                node.put("running", true);
                node.put("address", address.url());
                live.properties().forEach(field -> node.set(field.getKey(), field.getValue()));
            }
            case Presence.Silent silent -> {
                node.put("running", false);
                node.put("owner", silent.owner());
                silent.address().ifPresent(a -> node.put("pid", a.pid()).put("address", a.url()));
                node.put(
                        "error",
                        "a process holds the lock and does not answer (" + silent.owner() + "; " + silent.why()
                                + "); hyp up ends and replaces it");
            }
        }
        return node;
    }

    private static void datasets(ObjectNode node, JournalStats stats, Cache cache) {
        Map<String, CatalogGlance.Table> tables;
        try {
            tables = CatalogGlance.of(cache);
        } catch (IOException e) {
            node.put("error", "the catalog cannot be read: " + e.getMessage() + ". Repair: hyp cache check --repair");
            tables = Map.of();
        }
        for (Dataset dataset : shown()) {
            JournalStats.Hot hot = stats.hot().getOrDefault(dataset.name(), new JournalStats.Hot(0, 0, 0));
            ObjectNode entry = node.putObject(dataset.name());
            entry.put("rows_hot", hot.rows());
            entry.put("bytes_hot", hot.bytes());
            LakeTable.Size size = Optional.ofNullable(tables.get(dataset.name()))
                    .map(CatalogGlance.Table::size)
                    .orElse(new LakeTable.Size(0, 0, 0));
            entry.put("rows_lake", size.rows());
            entry.put("files", size.files());
            entry.put("bytes_lake", size.bytes());
        }
    }

    /// Payloads last: people ask for the others.
    private static List<Dataset> shown() {
        return Datasets.all().stream()
                .sorted(Comparator.comparing(Datasets.PAYLOADS::equals))
                .toList();
    }
}
