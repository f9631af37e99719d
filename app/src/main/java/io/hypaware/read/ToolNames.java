package io.hypaware.read;

import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Gatherers;

/// The tools whose results parts are, which only their calls name. A call stands right before its result, nearly
/// always: those that were read last are remembered, the others are looked for among the rows of the result's session,
/// and what is not there in all that is recorded.
final class ToolNames {

    /// Calls, and results whose call is asked for, of parts to which a condition is appended.
    static final String SELECT =
            "select case when tool_name is not null then tool_call_id end, tool_name, case when tool_name is null then tool_result_for end, "
                    + Sessions.KEY + " from ai_gateway_messages";

    /// As many as a piece can have: a call and a result that is of another one in each second position.
    private static final int MOST = 50_000;

    /// A longer id is no provider's; its result has no tool.
    private static final int LONGEST_ID = 128;

    private static final int AT_A_TIME = 1_000;

    private final Recorded recorded;

    /// By the call's id, the last used at the end; an empty name where no call was found.
    private final Map<String, String> names = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MOST;
        }
    };

    /// Each name once.
    private final Map<String, String> same = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > 1_000;
        }
    };

    ToolNames(Recorded recorded) {
        this.recorded = recorded;
    }

    /// Takes a row of [#SELECT].
    ///
    /// @param asked takes the id of the call that a result is of, with the result's session
    void read(QueryResult row, Map<String, String> asked) throws SQLException {
        remember(Recorded.text(row, 1), Recorded.text(row, 2));
        String result = Recorded.text(row, 3);
        if (!result.isEmpty() && result.length() <= LONGEST_ID && asked.size() < MOST) {
            asked.put(result, Recorded.text(row, 4));
        }
    }

    private void remember(String call, String name) {
        if (!call.isEmpty() && call.length() <= LONGEST_ID) {
            names.put(call, same.computeIfAbsent(name, own -> own));
        }
    }

    /// Looks for the calls among them that are not remembered.
    ///
    /// @param calls each with the session that it is looked for in first
    void find(Map<String, String> calls) throws QueryException, SQLException, IOException {
        List<String> all =
                calls.keySet().stream().filter(call -> names.get(call) == null).toList();
        if (all.isEmpty()) {
            return;
        }
        all.forEach(call -> remember(call, ""));
        find(all, recorded.of(all.stream().map(calls::get).collect(Collectors.toSet())));
        find(all.stream().filter(call -> of(call).isEmpty()).toList(), recorded);
    }

    private void find(List<String> calls, Recorded among) throws QueryException, SQLException, IOException {
        for (List<String> some :
                calls.stream().gather(Gatherers.windowFixed(AT_A_TIME)).toList()) {
            among.run(
                    "select tool_call_id, any_value(tool_name) from ai_gateway_messages where tool_name is not null and tool_call_id in ("
                            + some.stream().map(Recorded::literal).collect(Collectors.joining(", ")) + ") group by 1",
                    row -> remember(Recorded.text(row, 1), Recorded.text(row, 2)));
        }
    }

    /// The tool of a call that was looked for; empty if it is not known.
    String of(String call) {
        return names.getOrDefault(call, "");
    }
}
