package io.hypaware.journal;

import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What is known of conversations, in the journal and gathered. Part of [ProjectionBatch].
public final class Branches {

    private final Statements statements;
    private final Gathered whole;
    private final Gathered current;
    private OptionalLong lastId = OptionalLong.empty();

    Branches(Statements statements, Gathered whole, Gathered current) {
        this.statements = statements;
        this.whole = whole;
        this.current = current;
    }

    /// Forgets what was given out and not written.
    void clear() {
        lastId = OptionalLong.empty();
    }

    /// Branches in which one agent of a session speaks, the last used first.
    ///
    /// @param agent empty for the session itself
    public List<Branch> of(String session, String agent, int most) {
        return find(
                "session = ? AND agent = ?",
                List.of(session, agent),
                most,
                branch -> branch.session().equals(session) && branch.agent().equals(agent));
    }

    /// The branch of a session itself that was used last; one of a side call only if there is no other.
    public Optional<Branch> last(String session) {
        return find(
                        "session = ? AND agent = '' AND side = 0",
                        List.of(session),
                        1,
                        branch -> branch.session().equals(session)
                                && branch.agent().isEmpty()
                                && !branch.side())
                .stream()
                .findFirst()
                .or(() -> of(session, "", 1).stream().findFirst());
    }

    /// Branches without a session that begin with this message or end with one of these answers, the last used
    /// first.
    public List<Branch> byHistory(String firstPrint, Collection<String> answerPrints, int most) {
        return like(
                firstPrint,
                answerPrints,
                most,
                "session = ''",
                branch -> branch.session().isEmpty());
    }

    private List<Branch> like(
            String firstPrint, Collection<String> answerPrints, int most, String whose, Wanted isTheirs) {
        List<String> prints = answerPrints.stream().distinct().limit(200).toList();
        String in = String.join(",", prints.stream().map(_ -> "?").toList());
        List<String> parameters = new ArrayList<>(List.of(firstPrint));
        parameters.addAll(prints);
        return find(
                whose + " AND (first_print = ? OR tip_print IN (" + in + "))",
                parameters,
                most,
                branch -> isTheirs.is(branch)
                        && (branch.firstPrint().equals(firstPrint) || prints.contains(branch.tipPrint())));
    }

    /// Branches of any session itself that begin with this message or end with one of these answers, the last used
    /// first.
    public List<Branch> ofAnySession(String firstPrint, Collection<String> answerPrints, int most) {
        return like(
                firstPrint,
                answerPrints,
                most,
                "agent = ''",
                branch -> branch.agent().isEmpty());
    }

    /// The branch that an answer was given in, and how many messages its history had then.
    public record Until(Branch branch, int size) {}

    /// Where an answer stands, by its provider's id.
    public Optional<Until> until(String session, String answer) {
        Gathered.AnswerKey key = new Gathered.AnswerKey(session, answer);
        Answered gathered = current.answered.getOrDefault(key, whole.answered.get(key));
        Optional<Answered> found = gathered != null ? Optional.of(gathered) : stored(key);
        return found.flatMap(place -> byId(place.branch()).map(branch -> new Until(branch, place.size())));
    }

    private Optional<Answered> stored(Gathered.AnswerKey key) {
        return statements.run("SELECT branch, size, day FROM answered WHERE session = ? AND id = ?", statement -> {
            statement.setString(1, key.session());
            statement.setString(2, key.id());
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new Answered(row.getLong(1), row.getInt(2), row.getLong(3)))
                        : Optional.empty();
            }
        });
    }

    private Optional<Branch> byId(long id) {
        return find("id = CAST(? AS INTEGER)", List.of(Long.toString(id)), 1, branch -> branch.id() == id).stream()
                .findFirst();
    }

    public boolean hasConversation(String session, String conversation) {
        return gathered().values().stream()
                        .anyMatch(b ->
                                b.session().equals(session) && b.conversation().equals(conversation))
                || statements.exists(
                        "SELECT 1 FROM branch WHERE session = ? AND conversation = ? LIMIT 1", session, conversation);
    }

    /// A number for a further conversation of a session, never given before.
    public int nextConversation(String session, Instant at) {
        Gathered.Numbered last = current.numbers.getOrDefault(session, whole.numbers.get(session));
        int number = 1 + (last != null ? last.number() : lastConversation(session));
        current.numbers.put(session, new Gathered.Numbered(number, ProjectionBatch.days(at)));
        return number;
    }

    private int lastConversation(String session) {
        return statements.run("SELECT last FROM conversation_number WHERE session = ?", statement -> {
            statement.setString(1, session);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getInt(1) : 1;
            }
        });
    }

    long newId() {
        long last = lastId.orElseGet(() -> statements.run("SELECT coalesce(max(id), 0) FROM branch", statement -> {
            try (ResultSet row = statement.executeQuery()) {
                return row.getLong(1);
            }
        }));
        lastId = OptionalLong.of(last + 1);
        return last + 1;
    }

    private Map<Long, Branch> gathered() {
        Map<Long, Branch> gathered = new LinkedHashMap<>(whole.branches);
        current.branches.forEach((id, branch) -> {
            gathered.remove(id);
            gathered.put(id, branch);
        });
        return gathered;
    }

    /// Tells a branch that is gathered.
    @FunctionalInterface
    private interface Wanted {
        boolean is(Branch branch);
    }

    private List<Branch> find(String where, List<String> parameters, int most, Wanted wanted) {
        Map<Long, Branch> gathered = gathered();
        List<Branch> found = new ArrayList<>();
        List.copyOf(gathered.values()).reversed().stream()
                .filter(wanted::is)
                .limit(most)
                .forEach(found::add);
        if (found.size() == most) {
            return found;
        }
        String sql = "SELECT id, session, agent, conversation, side, first_print, tip_print, history FROM branch WHERE "
                + where + " ORDER BY used_order DESC LIMIT " + most;
        return statements.run(sql, statement -> {
            for (int i = 0; i < parameters.size(); i++) {
                statement.setString(i + 1, parameters.get(i));
            }
            try (ResultSet row = statement.executeQuery()) {
                while (found.size() < most && row.next()) {
                    if (!gathered.containsKey(row.getLong(1))) {
                        found.add(new Branch(
                                row.getLong(1),
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                row.getBoolean(5),
                                row.getString(6),
                                row.getString(7),
                                row.getBytes(8)));
                    }
                }
            }
            return found;
        });
    }
}
