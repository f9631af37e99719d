package io.hypaware.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.mcp.Arguments.RefusedException;
import io.hypaware.query.QueryException;
import io.hypaware.read.Overview;
import io.hypaware.read.OverviewPage;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// What some days took.
final class UsageSummary implements Tool {

    private static final int MOST_TOOLS = 12;

    @Override
    public String name() {
        return "usage_summary";
    }

    @Override
    public String title() {
        return "Sum up usage";
    }

    @Override
    public String description() {
        return "What the last days took: answers, tokens and cost by hour, day, week, month, model, repository, client or"
                + " session; the"
                + " tools that were called, how calls ended, what cache misses cost, and how much of a subscription's"
                + " limits is used. cost_micro_usd is in millionths of a dollar.";
    }

    @Override
    public List<Param> params() {
        return List.of(
                Param.number("days", 1, 3_660, 7, "How many days, today included, in this machine's time zone."),
                Param.choice(
                        "by",
                        Overview.By.names(),
                        "By what it is summed up; default day. Of many days ask for weeks (named by their Monday) or months; hours only"
                                + " of 31 days."),
                BYTES);
    }

    @Override
    public Answer answer(Arguments arguments, Question question)
            throws RefusedException, QueryException, SQLException, IOException {
        Overview.By by = Overview.By.named(arguments.maybe("by").orElse("day")).orElseThrow();
        int days = arguments.number("days");
        if (days > by.mostDays()) {
            throw new RefusedException("days is " + days + "; by " + by + " expected at most " + by.mostDays()
                    + ", or sum up by day, week or month");
        }
        OverviewPage page = OverviewPage.of(question.recorded(), question.prices(), days, by);
        ObjectNode all = Answer.JSON.createObjectNode();
        page.json(all);
        Answer answer = new Answer("groups", arguments.number("max_bytes"), question.redactor());
        JsonNode groups = all.remove("groups");
        cut(all, "tools");
        cut(all, "endings");
        answer.facts().setAll(all);
        // Of times the newest matter most, of all else what cost most.
        List<JsonNode> ordered = new ArrayList<>();
        groups.forEach(ordered::add);
        for (JsonNode group : by.isTime() ? ordered.reversed() : ordered) {
            if (!answer.add(group)) {
                answer.note("%d more groups did not fit; total counts them. Raise max_bytes, or sum up otherwise"
                        .formatted(ordered.size() - answer.count()));
                break;
            }
        }
        return answer;
    }

    private static void cut(ObjectNode all, String list) {
        ArrayNode items = (ArrayNode) all.path(list);
        int more = items.size() - MOST_TOOLS;
        while (items.size() > MOST_TOOLS) {
            items.remove(items.size() - 1);
        }
        if (more > 0) {
            all.put("more_" + list, more);
        }
    }
}
