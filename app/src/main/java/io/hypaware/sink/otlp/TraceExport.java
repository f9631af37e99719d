package io.hypaware.sink.otlp;

import io.hypaware.home.Cache;
import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.SinkLedger.Looked;
import io.hypaware.journal.SinkState;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.QueryException;
import io.hypaware.read.SessionStep;
import io.hypaware.read.SessionSteps;
import io.hypaware.sink.Permission;
import io.hypaware.sink.SinkException;
import io.hypaware.sink.SinkStep;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Gatherers;

/// Sends what is complete of sessions and was not sent yet. It walks over the sessions of which something changed, and
/// writes down how far it has come; what it does again after it was killed gives the same spans.
final class TraceExport {

    /// Sessions that are read as they were at one moment.
    private static final int AT_A_TIME = 50;

    /// What is read, and by which rules.
    ///
    /// @param steps told where a process may die
    record Source(
            Cache cache, SessionSteps sessions, Clock clock, SessionTrace.Rules rules, Consumer<SinkStep> steps) {}

    /// How much is done at once.
    ///
    /// @param time after which no more sessions are read, and no more is sent of those that are; nothing for no end
    /// @param bytesKept of spans between their reading and their delivery
    record Limits(Optional<Duration> time, long bytesKept) {}

    /// What became of a run.
    ///
    /// @param open sessions that are not over, so that more of them is to come
    /// @param withheld sessions that stay on this machine
    /// @param isWhole whether there was time for all
    record Result(long sent, long refused, long open, long withheld, boolean isWhole) {}

    private final Source source;
    private final SpanBatch batch;
    private final Optional<SpanBatch.Book> book;
    private final Limits limits;
    private final Optional<Instant> over;
    private final Set<String> withheld = new HashSet<>();
    private long open;
    private boolean isWhole = true;

    /// @param book where what was sent is written down; what stands there is not sent again
    TraceExport(Source source, SpanBatch batch, Optional<SpanBatch.Book> book, Limits limits) {
        this.source = source;
        this.batch = batch;
        this.book = book;
        this.limits = limits;
        this.over = limits.time().map(source.clock().instant()::plus);
    }

    /// Sends what is new of all sessions, going on where the last run stopped.
    Result changed(SpanBatch.Book of) throws QueryException, SQLException, IOException {
        SinkLedger ledger = of.ledger();
        SinkState state = ledger.state(of.name());
        // Asked first: rows up to there are seen from now on.
        long assigned = ledger.lastPosition();
        SessionSteps.Reach reach = source.sessions().reach();
        long last = Math.max(assigned, reach.last());
        // What it has come to is of rows that are not here: it begins again.
        long position = state.position() > last ? 0 : state.position();
        SinkState.Pass pass = state.pass().filter(begun -> begun.to() <= last).orElse(new SinkState.Pass(last, ""));
        boolean adopted = state.adopted() != reach.adopted();
        boolean isNew = pass.to() > position || adopted;
        while (isNew && isToGoOn()) {
            List<String> sessions = source.sessions().changed(position, pass.to(), adopted, pass.session(), AT_A_TIME);
            if (sessions.isEmpty()) {
                ledger.passed(of.name(), pass.to(), reach.adopted());
                source.steps().accept(SinkStep.PASSED);
                break;
            }
            pass = new SinkState.Pass(pass.to(), sessions.getLast());
            look(sessions, Optional.of(pass));
        }
        Instant now = source.clock().instant();
        String behind = "";
        while (isToGoOn()) {
            List<String> sessions = ledger.open(of.name(), now, behind, AT_A_TIME);
            if (sessions.isEmpty()) {
                break;
            }
            behind = sessions.getLast();
            look(sessions, Optional.empty());
        }
        return result();
    }

    /// Sends what is complete of some sessions, and was not sent yet.
    Result of(Collection<String> sessions) throws QueryException, SQLException, IOException {
        for (List<String> some :
                sessions.stream().gather(Gatherers.windowFixed(AT_A_TIME)).toList()) {
            if (isToGoOn()) {
                look(some, Optional.empty());
            }
        }
        return result();
    }

    /// The same of those in which something was said since a time; of all without one.
    Result since(Optional<Instant> time) throws QueryException, SQLException, IOException {
        String behind = "";
        while (isToGoOn()) {
            List<String> sessions = source.sessions().since(time.orElse(Instant.EPOCH), behind, AT_A_TIME);
            if (sessions.isEmpty()) {
                break;
            }
            behind = sessions.getLast();
            look(sessions, Optional.empty());
        }
        return result();
    }

    private boolean isToGoOn() {
        isWhole &= !isOver(over);
        return isWhole;
    }

    private boolean isOver(Optional<Instant> time) {
        return time.filter(end -> !source.clock().instant().isBefore(end)).isPresent();
    }

    private Result result() {
        return new Result(batch.delivered(), batch.refused(), open, withheld.size(), isWhole);
    }

    private void look(List<String> sessions, Optional<SinkState.Pass> pass)
            throws QueryException, SQLException, IOException {
        if (book.isEmpty()) {
            read(sessions, mayLeave(), new Walk(batch::add));
            batch.flush();
            return;
        }
        while (isWhole && !look(sessions, pass, book.get())) {
            // What has been sent is not read again.
            isToGoOn();
        }
    }

    /// Reads, then sends, as much as may be kept between the two.
    ///
    /// @return whether that was all of these sessions
    private boolean look(List<String> sessions, Optional<SinkState.Pass> pass, SpanBatch.Book of)
            throws QueryException, SQLException, IOException {
        Permission permission = Permission.of(source.cache(), of.ledger(), mayLeave());
        batch.readAfter(permission.purges());
        try (SpanSpool spool = new SpanSpool(source.cache().spill(), limits.bytesKept())) {
            Walk walk = new Walk(spool::add);
            boolean isAll = true;
            try {
                read(sessions, permission.rules(), walk);
            } catch (SpanSpool.FullException e) {
                isAll = false;
            }
            source.steps().accept(SinkStep.READ);
            if (!send(spool, permission)) {
                isWhole = false;
                return false;
            }
            if (isAll) {
                isAll = of.ledger().looked(of.name(), walk.looked, pass, permission.purges());
                source.steps().accept(SinkStep.LOOKED);
            }
            return isAll;
        }
    }

    /// Sends what was read, until its time is over, or what it was read by does not hold any more.
    private boolean send(SpanSpool spool, Permission permission) throws IOException {
        Optional<Instant> end = limits.time().map(source.clock().instant()::plus);
        boolean isAll = spool.read((session, span) -> {
            batch.add(session, span);
            if (!batch.isFull()) {
                return true;
            }
            return permission.isStill() && batch.flush() && !isOver(end);
        });
        if (isAll && permission.isStill() && batch.flush()) {
            return true;
        }
        batch.clear();
        return false;
    }

    private void read(List<String> sessions, PrivacyRules privacy, Walk walk)
            throws QueryException, SQLException, IOException {
        source.sessions().read(sessions, privacy, source.rules().texts().isPresent(), walk);
        walk.end();
    }

    private PrivacyRules mayLeave() throws SinkException {
        PrivacyRules privacy = PrivacyRules.of(source.cache().privacyList());
        if (privacy.unreadable().isPresent()) {
            throw new SinkException("nothing leaves this machine, as what you have said of folders, agents and sessions"
                    + " cannot be read: " + privacy.unreadable().get() + ". See: hyp privacy list");
        }
        return privacy;
    }

    /// Takes complete spans of sessions.
    @FunctionalInterface
    private interface SpanTaker {
        void take(String session, Span span) throws IOException;
    }

    /// Makes spans of sessions that come one after the other.
    private final class Walk implements SessionSteps.Reader {

        private final SpanTaker taker;
        private final List<Looked> looked = new ArrayList<>();
        private Map<String, String> callers = Map.of();
        private Optional<SessionTrace> trace = Optional.empty();
        private String session = "";
        private long[] sent = new long[0];

        Walk(SpanTaker taker) {
            this.taker = taker;
        }

        @Override
        public void stays(String local) {
            withheld.add(local);
        }

        @Override
        public void begin(Map<String, String> called) {
            callers = called;
        }

        @Override
        public void step(SessionStep step) throws IOException {
            if (!step.session().equals(session) || trace.isEmpty()) {
                end();
                String next = step.session();
                session = next;
                sent = book.map(of -> of.ledger().sent(of.name(), next)).orElseGet(() -> new long[0]);
                trace = Optional.of(new SessionTrace(next, source.rules(), callers, (id, span) -> {
                    if (Arrays.binarySearch(sent, id) < 0) {
                        taker.take(next, span);
                    }
                }));
            }
            trace.get().step(step);
        }

        private void end() throws IOException {
            if (trace.isPresent()) {
                Optional<Instant> again = trace.get().end(source.clock().instant());
                open += again.isPresent() ? 1 : 0;
                looked.add(new Looked(session, trace.get().last(), again));
                trace = Optional.empty();
            }
        }
    }
}
