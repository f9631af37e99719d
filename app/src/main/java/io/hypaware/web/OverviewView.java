package io.hypaware.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.read.Overview;
import io.hypaware.read.RateWindow;
import io.hypaware.read.SessionList;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the last days took.
///
/// @param days all of them, those without an answer too
/// @param today the last of them
/// @param moreRepos how many there are besides
/// @param health what is wrong, the worst first
public record OverviewView(
        int span,
        List<Overview.Group> days,
        Overview.Group total,
        Overview.Group today,
        List<Overview.Group> models,
        List<Overview.Group> repos,
        int moreRepos,
        List<Overview.Group> clients,
        List<Overview.Tool> tools,
        List<Overview.Ending> endings,
        Overview.Misses misses,
        List<RateWindow> windows,
        List<SessionList.Entry> latest,
        Health health,
        ZoneId zone,
        Instant now) {

    private static final int MOST_ROWS = 12;
    private static final int MOST_SESSIONS = 6;

    static OverviewView of(Site site, int span) throws Exception {
        Instant now = site.clock().instant();
        Overview.Span days = Overview.Span.of(span, now, site.zone());
        Overview overview = new Overview(site.recorded(), site.prices().call(), days);
        Map<String, Overview.Group> byDay = new HashMap<>();
        Overview.All took = overview.all(Overview.By.DAY, Overview.By.MODEL, Overview.By.REPO, Overview.By.CLIENT);
        took.of(Overview.By.DAY).forEach(group -> byDay.put(group.name(), group));
        List<Overview.Group> all = days.names(span).stream()
                .map(day -> byDay.getOrDefault(day, Overview.Group.empty(day)))
                .toList();
        return new OverviewView(
                span,
                all,
                Overview.total(all),
                all.getLast(),
                most(took.of(Overview.By.MODEL)),
                most(took.of(Overview.By.REPO)),
                Math.max(0, took.of(Overview.By.REPO).size() - MOST_ROWS),
                most(took.of(Overview.By.CLIENT)),
                most(took.tools()),
                took.endings(),
                took.misses(),
                took.windows(),
                new SessionList(site.recorded(), site.prices().call())
                        .page(new SessionList.Filter("", "", "", Optional.of(days.since()), 0, MOST_SESSIONS))
                        .entries(),
                new Health(false, "", List.of()),
                site.zone(),
                now);
    }

    /// The same figures, with what is true now.
    OverviewView at(Health newHealth, Instant newNow) {
        return new OverviewView(
                span, days, total, today, models, repos, moreRepos, clients, tools, endings, misses, windows, latest,
                newHealth, zone, newNow);
    }

    private static <T> List<T> most(List<T> all) {
        return all.subList(0, Math.min(MOST_ROWS, all.size()));
    }

    /// Cost by day, for the drawing.
    public String costs() {
        return chart("$").with("cost", days, day -> day.microDollars() / 1e6).json();
    }

    /// Tokens by day: what was read from the cache, written to it, new, and answered.
    public String tokens() {
        return chart("")
                .with("read from cache", days, day -> day.tokens().cacheRead())
                .with("written", days, day -> day.tokens().cacheWrite())
                .with("new", days, day -> day.tokens().input())
                .with("out", days, day -> day.tokens().output())
                .json();
    }

    private Chart chart(String unit) {
        return new Chart(days.stream().map(Overview.Group::name).toList(), unit);
    }

    public boolean isEmpty() {
        return total.answers() == 0 && endings.isEmpty() && latest.isEmpty();
    }

    /// What is wrong, and the command that mends it.
    public record Health(boolean running, String address, List<Finding> findings) {

        /// @param isError whether it has to be mended
        public record Finding(boolean isError, String message, String repair) {}

        static Health of(JsonNode status) {
            List<Finding> findings = new ArrayList<>();
            for (JsonNode one : status.path("diagnostics")) {
                findings.add(new Finding(
                        one.path("severity").asText().equals("error"),
                        Html.visible(one.path("message").asText()),
                        Html.visible(one.path("repair").path(0).asText(""))));
            }
            findings.sort((a, b) -> Boolean.compare(b.isError(), a.isError()));
            return new Health(
                    status.path("gateway").path("running").asBoolean(),
                    Html.visible(status.path("gateway").path("address").asText("")),
                    findings);
        }
    }
}
