package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.read.Miss;
import io.hypaware.read.RecordJson;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/// Cache misses as text, and as JSON.
final class MissText {

    private static final int MOST_SNIPPET = 300;

    static void text(PrintWriter out, String session, int calls, List<Miss> misses) {
        List<Miss> real = misses.stream().filter(Miss::isMiss).toList();
        long rewritten = real.stream().mapToLong(Miss::rewrittenTokens).sum();
        double cost = real.stream().mapToDouble(m -> m.cost().orElse(0.0)).sum();
        boolean priced = real.stream().anyMatch(m -> m.cost().isPresent());
        if (real.isEmpty()) {
            out.printf("session %s: %s, no cache misses%n", session, counted(calls, "call"));
        } else {
            out.printf(
                    Locale.ROOT,
                    "session %s: %s, %d cache %s; %,d tokens processed again%s%n",
                    session,
                    counted(calls, "call"),
                    real.size(),
                    real.size() == 1 ? "miss" : "misses",
                    rewritten,
                    priced ? String.format(Locale.ROOT, ", about $%.4f", cost) : "");
        }
        for (Miss miss : misses) {
            one(out, miss);
        }
    }

    private static void one(PrintWriter out, Miss miss) {
        String element = miss.element().map(e -> ": " + e).orElse("");
        out.printf(
                "%n%s  %s%s%n",
                Results.time(miss.call().startedAt()), miss.cause().text(), element);
        out.printf("  exchange  %s", miss.call().exchangeId());
        miss.previous().ifPresent(p -> out.printf(", after %s", p.exchangeId()));
        out.println();
        miss.prefix()
                .ifPresent(p -> out.printf(
                        Locale.ROOT,
                        "  prefix    the call before had %s, %s and %s in the cache, %,d tokens%n",
                        counted(p.tools(), "tool"),
                        counted(p.systemBlocks(), "system block"),
                        counted(p.messages(), "message"),
                        p.tokens()));
        miss.snippet().ifPresent(s -> {
            out.printf("  before    %s%n", Results.line(s.before(), MOST_SNIPPET));
            out.printf("  now       %s%n", Results.line(s.after(), MOST_SNIPPET));
        });
        if (miss.isMiss()) {
            out.printf(
                    Locale.ROOT,
                    "  tokens    %,d of them not read, %,d processed again%s%n",
                    miss.lostTokens(),
                    miss.rewrittenTokens(),
                    miss.cost()
                            .map(c -> String.format(Locale.ROOT, ", about $%.4f more than reading them", c))
                            .orElse(", no price known for the model (hypaware-prices.json in the home takes one)"));
        }
        miss.notes().forEach(note -> out.printf("  note      %s%n", note));
    }

    static void json(PrintWriter out, String session, int calls, List<Miss> misses) {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = mapper.createObjectNode();
        json.put("session", session);
        json.put("calls", calls);
        json.put("misses", misses.stream().filter(Miss::isMiss).count());
        ArrayNode list = json.putArray("found");
        for (Miss miss : misses) {
            list.add(RecordJson.of(miss));
        }
        out.println(json.toPrettyString());
    }

    private MissText() {}

    private static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
