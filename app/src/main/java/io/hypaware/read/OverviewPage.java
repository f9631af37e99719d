package io.hypaware.read;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;

/// All of an overview at one time.
///
/// @param misses of the prompt cache
/// @param windows as providers reported them last
public record OverviewPage(
        int days,
        Overview.By by,
        Overview.Span span,
        List<Overview.Group> groups,
        List<Overview.Tool> tools,
        List<Overview.Ending> endings,
        Overview.Misses misses,
        List<RateWindow> windows) {

    /// Of the last days, as this machine counts them.
    public static OverviewPage of(Recorded recorded, Prices prices, int days, Overview.By by)
            throws QueryException, SQLException, IOException {
        Overview.Span span = Overview.Span.of(days, Instant.now(), ZoneId.systemDefault());
        Overview overview = new Overview(recorded, prices, span);
        Overview.All all = overview.all(by);
        return new OverviewPage(days, by, span, all.of(by), all.tools(), all.endings(), all.misses(), all.windows());
    }

    /// As JSON.
    public void json(ObjectNode node) {
        node.put("days", days)
                .put("since", span.since().toString())
                .put("zone", span.zone().getId())
                .put("by", by.toString());
        ArrayNode all = node.putArray("groups");
        groups.forEach(group -> json(all.addObject(), group));
        json(node.putObject("total"), Overview.total(groups));
        node.putObject("cache_misses")
                .put("calls", misses.calls())
                .put("tokens", misses.tokens())
                .put("cost_micro_usd", misses.microDollars());
        ArrayNode ofTools = node.putArray("tools");
        tools.forEach(tool -> ofTools.addObject()
                .put("name", tool.name())
                .put("calls", tool.calls())
                .put("failed", tool.failed()));
        ArrayNode ended = node.putArray("endings");
        endings.forEach(
                ending -> ended.addObject().put("outcome", ending.outcome()).put("calls", ending.calls()));
        ArrayNode limits = node.putArray("windows");
        windows.forEach(window -> {
            ObjectNode limit = limits.addObject()
                    .put("upstream", window.upstream())
                    .put("used_percent", window.percent())
                    .put("reported_at", window.reportedAt().toString());
            window.length().ifPresent(length -> limit.put("window_minutes", length.toMinutes()));
            window.resets().ifPresent(at -> limit.put("resets_at", at.toString()));
        });
    }

    private static void json(ObjectNode node, Overview.Group group) {
        node.put("name", group.name())
                .put("answers", group.answers())
                .put("input_tokens", group.tokens().input())
                .put("output_tokens", group.tokens().output())
                .put("cache_read_tokens", group.tokens().cacheRead())
                .put("cache_write_tokens", group.tokens().cacheWrite())
                .put("cost_micro_usd", group.microDollars());
        group.cached().ifPresent(share -> node.put("cache_read_share", share));
        group.unpriced().forEach(node.putArray("unpriced")::add);
    }
}
