package io.hypaware.journal;

import io.hypaware.home.ProcessLock;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;

/// What exports have sent, and how far each has come. With a connection of its own; of one thread.
public final class SinkLedger implements AutoCloseable {

    /// What is wrong with a run that neither came to its end nor said why.
    private static final String DIED = "the process that ran it ended in the middle of it";

    private static final int CACHE_PAGES = 128;

    private static final String COLUMNS = "name, position, adopted, pass_to, pass_session, next_us, failures, error,"
            + " run_us, done_us, sent, refused, refused_lately, refusal";

    /// One piece that was sent.
    ///
    /// @param at when what it is about happened
    public record Sent(String session, long span, Instant at) {}

    private final Statements statements;

    private SinkLedger(Statements statements) {
        this.statements = statements;
    }

    /// Nothing where there is no journal.
    public static Optional<SinkLedger> openExisting(Path journal) {
        return Statements.openExisting(journal, CACHE_PAGES).map(SinkLedger::new);
    }

    public SinkState state(String name) {
        return statements.run("SELECT " + COLUMNS + " FROM sink WHERE name = ?", statement -> {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? state(row) : SinkState.fresh(name);
            }
        });
    }

    private static SinkState state(ResultSet row) throws SQLException {
        return new SinkState(
                row.getString(1),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4) == 0
                        ? Optional.empty()
                        : Optional.of(new SinkState.Pass(row.getLong(4), row.getString(5))),
                instant(row.getLong(6)),
                row.getInt(7),
                row.getString(8),
                instant(row.getLong(9)),
                instant(row.getLong(10)),
                row.getLong(11),
                row.getLong(12),
                new SinkState.Refused(row.getLong(13), row.getString(14)));
    }

    private static Optional<Instant> instant(long micros) {
        return micros == 0 ? Optional.empty() : Optional.of(Micros.toInstant(micros));
    }

    /// How it stands with a sink, for people: a run that goes on has not failed yet.
    ///
    /// @param lock held by who runs
    public SinkState shown(String name, Path lock) {
        SinkState state = state(name);
        return state.error().equals(DIED) && ProcessLock.isTaken(lock) ? state.beforeRun() : state;
    }

    /// The last position that was given to a row.
    public long lastPosition() {
        return statements.lastPosition();
    }

    /// How much was ordered to be taken back, ever; counted before anything of it goes.
    public long purges() {
        return statements.number("SELECT coalesce((SELECT orders FROM purge_count), 0)");
    }

    /// Whether a sink is to run: it is time, and there is something to look at.
    ///
    /// @param isPending whether calls wait to be projected
    public boolean isDue(String name, Instant now, boolean isPending) {
        SinkState state = state(name);
        // Where the clock was ahead when it ran, what it wrote down says nothing.
        boolean isClockBack = state.run().filter(now::isBefore).isPresent();
        if (!isClockBack && state.next().filter(now::isBefore).isPresent()) {
            return false;
        }
        return isPending
                || state.pass().isPresent()
                || state.position() != lastPosition()
                || state.failures() > 0
                || !open(name, now, "", 1).isEmpty();
    }

    /// Says that a run begins. Should the process die in it, it counts as one that failed.
    ///
    /// @param next when to try again then
    public void begin(String name, Instant now, Instant next) {
        put(name);
        statements.run(
                "UPDATE sink SET run_us = ?, next_us = ?, failures = failures + 1, error = ? WHERE name = ?",
                statement -> {
                    statement.setLong(1, Micros.of(now));
                    statement.setLong(2, Micros.of(next));
                    statement.setString(3, DIED);
                    statement.setString(4, name);
                    return statement.executeUpdate();
                });
    }

    /// Says that the run has done what there was, or as much as there was time for.
    public void done(String name, Instant now, Instant next) {
        statements.run(
                "UPDATE sink SET done_us = ?, next_us = ?, failures = 0, error = '' WHERE name = ?", statement -> {
                    statement.setLong(1, Micros.of(now));
                    statement.setLong(2, Micros.of(next));
                    statement.setString(3, name);
                    return statement.executeUpdate();
                });
    }

    public void failed(String name, String error, Instant next) {
        statements.run("UPDATE sink SET next_us = ?, error = ? WHERE name = ?", statement -> {
            statement.setLong(1, Micros.of(next));
            statement.setString(2, error);
            statement.setString(3, name);
            return statement.executeUpdate();
        });
    }

    /// What was sent of a session, in ascending order.
    public long[] sent(String name, String session) {
        return statements.run(
                "SELECT span FROM sink_span WHERE session = (SELECT id FROM sink_session WHERE sink = ? AND session = ?)"
                        + " ORDER BY span",
                statement -> {
                    statement.setString(1, name);
                    statement.setString(2, session);
                    LongStream.Builder spans = LongStream.builder();
                    try (ResultSet row = statement.executeQuery()) {
                        while (row.next()) {
                            spans.add(row.getLong(1));
                        }
                    }
                    return spans.build().toArray();
                });
    }

    /// Names the sessions of what is about to be sent, so that one which is purged meanwhile is missed afterwards.
    ///
    /// @param purges as they were when it was read
    /// @return false, and nothing is written down, if something was purged since
    public boolean sending(String name, Collection<Sent> all, long purges) {
        AtomicBoolean isNamed = new AtomicBoolean();
        statements.inTransaction(() -> {
            if (purges() != purges) {
                return;
            }
            isNamed.set(true);
            put(name);
            for (Sent one : all) {
                touch(name, one.session(), Micros.of(one.at()));
            }
        });
        return isNamed.get();
    }

    /// Writes down what was sent, in one step: what of it is of sessions that are named still. Those that were purged
    /// meanwhile are not named again.
    public void sent(String name, Collection<Sent> all, SinkState.Refused refused) {
        statements.inTransaction(() -> {
            for (Sent one : all) {
                statements.run(
                        "INSERT OR IGNORE INTO sink_span (session, span)"
                                + " SELECT id, ? FROM sink_session WHERE sink = ? AND session = ?",
                        statement -> {
                            statement.setLong(1, one.span());
                            statement.setString(2, name);
                            statement.setString(3, one.session());
                            return statement.executeUpdate();
                        });
            }
            statements.run("UPDATE sink SET sent = sent + ?, refused = refused + ? WHERE name = ?", statement -> {
                statement.setLong(1, all.size() - refused.count());
                statement.setLong(2, refused.count());
                statement.setString(3, name);
                return statement.executeUpdate();
            });
            if (refused.count() > 0) {
                statements.run(
                        "UPDATE sink SET refused_lately = refused_lately + ?, refusal = ? WHERE name = ?",
                        statement -> {
                            statement.setLong(1, refused.count());
                            statement.setString(2, refused.why());
                            statement.setString(3, name);
                            return statement.executeUpdate();
                        });
            }
        });
    }

    /// Says that the receiver wants what it is sent.
    public void tookAll(String name) {
        statements.run("UPDATE sink SET refused_lately = 0, refusal = '' WHERE name = ?", statement -> {
            statement.setString(1, name);
            return statement.executeUpdate();
        });
    }

    /// Counts what was delivered of that which is written down elsewhere.
    public void delivered(String name, long pieces) {
        statements.run("UPDATE sink SET sent = sent + ? WHERE name = ?", statement -> {
            statement.setLong(1, pieces);
            statement.setString(2, name);
            return statement.executeUpdate();
        });
    }

    /// Writes down that sessions were looked at, what is complete of them having been sent.
    ///
    /// @param pass how far the walk has come; nothing if these were not part of one
    /// @param purges as they were when they were read
    /// @return false, and nothing is written down, if something was purged since
    public boolean looked(String name, Collection<Looked> sessions, Optional<SinkState.Pass> pass, long purges) {
        AtomicBoolean isWritten = new AtomicBoolean();
        statements.inTransaction(() -> {
            if (purges() != purges) {
                return;
            }
            isWritten.set(true);
            put(name);
            for (Looked one : sessions) {
                touch(name, one.session(), Micros.of(one.last()));
                statements.run("UPDATE sink_session SET look_us = ? WHERE sink = ? AND session = ?", statement -> {
                    if (one.again().isPresent()) {
                        statement.setLong(1, Micros.of(one.again().get()));
                    } else {
                        statement.setNull(1, java.sql.Types.INTEGER);
                    }
                    statement.setString(2, name);
                    statement.setString(3, one.session());
                    return statement.executeUpdate();
                });
            }
            pass.ifPresent(reached ->
                    statements.run("UPDATE sink SET pass_to = ?, pass_session = ? WHERE name = ?", statement -> {
                        statement.setLong(1, reached.to());
                        statement.setString(2, reached.session());
                        statement.setString(3, name);
                        return statement.executeUpdate();
                    }));
        });
        return isWritten.get();
    }

    /// A session that was looked at.
    ///
    /// @param last when something last happened in it
    /// @param again when to look again, as it is not over
    public record Looked(String session, Instant last, Optional<Instant> again) {}

    /// Says that a walk is done: all up to a position has been looked at.
    public void passed(String name, long position, long adopted) {
        put(name);
        statements.run(
                "UPDATE sink SET position = ?, adopted = ?, pass_to = 0, pass_session = '' WHERE name = ?",
                statement -> {
                    statement.setLong(1, position);
                    statement.setLong(2, adopted);
                    statement.setString(3, name);
                    return statement.executeUpdate();
                });
    }

    /// Sessions that are not over and to be looked at again by now, behind another one.
    public List<String> open(String name, Instant now, String after, int most) {
        return statements.run(
                "SELECT session FROM sink_session WHERE sink = ? AND look_us <= ? AND session > ? ORDER BY session"
                        + " LIMIT " + most,
                statement -> {
                    statement.setString(1, name);
                    statement.setLong(2, Micros.of(now));
                    statement.setString(3, after);
                    List<String> sessions = new ArrayList<>();
                    try (ResultSet row = statement.executeQuery()) {
                        while (row.next()) {
                            sessions.add(row.getString(1));
                        }
                    }
                    return sessions;
                });
    }

    /// Forgets what was sent of sessions of which no row is kept any more.
    public void forgetBefore(Instant firstKept) {
        statements.inTransaction(() -> {
            String these = "SELECT id FROM sink_session WHERE look_us IS NULL AND last_us < " + Micros.of(firstKept);
            statements.run("DELETE FROM sink_span WHERE session IN (" + these + ")");
            statements.run("DELETE FROM sink_session WHERE id IN (" + these + ")");
        });
    }

    private void put(String name) {
        statements.run("INSERT OR IGNORE INTO sink (name) VALUES (?)", statement -> {
            statement.setString(1, name);
            return statement.executeUpdate();
        });
    }

    private void touch(String name, String session, long micros) {
        statements.run(
                "INSERT INTO sink_session (sink, session, last_us) VALUES (?, ?, ?)"
                        + " ON CONFLICT DO UPDATE SET last_us = max(last_us, excluded.last_us)"
                        + " WHERE excluded.last_us > last_us",
                statement -> {
                    statement.setString(1, name);
                    statement.setString(2, session);
                    statement.setLong(3, micros);
                    return statement.executeUpdate();
                });
    }

    @Override
    public void close() {
        statements.close();
    }
}
