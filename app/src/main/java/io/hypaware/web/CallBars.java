package io.hypaware.web;

import io.hypaware.read.CacheMisses;
import io.hypaware.read.SessionCall;
import io.hypaware.read.SessionCall.Tokens;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The strip at the top of a session: each call's prompt as a bar, what was read from the cache at its foot, what was
/// written to it, and what was new.
///
/// @param step width of a bar with its gap
public record CallBars(List<Bar> bars, int step) {

    private static final int NARROWEST = 8;
    private static final int WIDEST = 24;

    /// What has room without scrolling.
    private static final int ROOM = 1_100;

    private static final int HEIGHT = 72;

    /// More are not drawn one by one: the last ones are.
    private static final int MOST = 2_000;

    /// One call.
    ///
    /// @param miss whether it read less than was in the cache
    /// @param own whether it is of the session's own conversation
    /// @param read height of what was read from the cache; so for `written` and `fresh`
    public record Bar(SessionCall call, int x, boolean miss, boolean own, double read, double written, double fresh) {

        /// Top of what was read.
        public double readY() {
            return HEIGHT - read;
        }

        public double writtenY() {
            return readY() - written;
        }

        public double freshY() {
            return writtenY() - fresh;
        }

        public String label(ZoneId zone) {
            Tokens tokens = call.tokens();
            return Html.clock(call.startedAt(), zone) + (miss ? ", cache miss" : "")
                    + (call.isFailed() ? ", failed" : "")
                    + ": read " + Html.brief(tokens.cacheRead()) + ", written " + Html.brief(tokens.cacheWrite())
                    + ", new " + Html.brief(tokens.input());
        }
    }

    static CallBars of(String session, List<SessionCall> calls) {
        Map<String, SessionCall> last = new HashMap<>();
        List<SessionCall> answered = new ArrayList<>();
        List<Boolean> misses = new ArrayList<>();
        for (SessionCall call : calls) {
            Optional<SessionCall> previous = CacheMisses.follows(last, call);
            if (call.isAnswered() || call.isFailed()) {
                answered.add(call);
                misses.add(previous.filter(before -> CacheMisses.isMiss(before, call))
                        .isPresent());
            }
        }
        int from = Math.max(0, answered.size() - MOST);
        long most = answered.stream()
                .mapToLong(call -> call.tokens().prompt())
                .max()
                .orElse(1);
        List<Bar> bars = new ArrayList<>();
        int step = Math.clamp(ROOM / Math.max(1, answered.size()), NARROWEST, WIDEST);
        for (int i = from; i < answered.size(); i++) {
            SessionCall call = answered.get(i);
            Tokens tokens = call.tokens();
            double scale = (double) HEIGHT / Math.max(1, most);
            bars.add(new Bar(
                    call,
                    (i - from) * step,
                    misses.get(i),
                    call.conversation().equals(session),
                    tokens.cacheRead() * scale,
                    tokens.cacheWrite() * scale,
                    call.isAnswered() ? Math.max(1, tokens.input() * scale) : 4));
        }
        return new CallBars(List.copyOf(bars), step);
    }

    public int width() {
        return Math.max(1, bars.size()) * step;
    }
}
