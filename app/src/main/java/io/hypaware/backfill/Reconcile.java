package io.hypaware.backfill;

import io.hypaware.home.Progress;
import io.hypaware.project.message.Answer;
import io.hypaware.project.transcript.Line;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.query.QueryException;
import io.hypaware.read.CountedAnswers;
import io.hypaware.read.SessionCall;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// Compares what each session took by the calls that were recorded with what its transcripts say, and with the sum of
/// the transcripts' lines. Each difference has a reason, or is left over.
public final class Reconcile {

    /// In the transcript, and no call of it was recorded; its sum is negative.
    public static final String NOT_CAPTURED = "not captured";

    /// Answers and the tokens that they counted.
    public record Sum(long answers, SessionCall.Tokens tokens) {

        static final Sum NONE = new Sum(0, new SessionCall.Tokens(0, 0, 0, 0));

        Sum plus(SessionCall.Tokens more) {
            return plus(new Sum(1, more));
        }

        Sum plus(Sum more) {
            return new Sum(answers + more.answers, added(tokens, more.tokens, 1));
        }

        Sum minus(Sum less) {
            return new Sum(answers - less.answers, added(tokens, less.tokens, -1));
        }

        public Sum negated() {
            return NONE.minus(this);
        }

        public static Sum of(List<Session> sessions, Function<Session, Sum> which) {
            return sessions.stream().map(which).reduce(NONE, Sum::plus);
        }

        public long total() {
            return tokens.input() + tokens.output() + tokens.cacheRead() + tokens.cacheWrite();
        }

        boolean isZero() {
            return answers == 0
                    && tokens.input() == 0
                    && tokens.output() == 0
                    && tokens.cacheRead() == 0
                    && tokens.cacheWrite() == 0;
        }

        private static SessionCall.Tokens added(SessionCall.Tokens one, SessionCall.Tokens other, int sign) {
            return new SessionCall.Tokens(
                    one.input() + sign * other.input(),
                    one.output() + sign * other.output(),
                    one.cacheRead() + sign * other.cacheRead(),
                    one.cacheWrite() + sign * other.cacheWrite());
        }
    }

    /// One session.
    ///
    /// @param wire by the calls that were recorded
    /// @param transcript by the transcripts, each answer once
    /// @param lines as the sum of the transcripts' lines
    /// @param reasons why wire and transcript differ: what is to be added to the transcript's sum, by reason
    /// @param unexplained what is left then
    public record Session(
            String client,
            String session,
            Sum wire,
            Sum transcript,
            Sum lines,
            Map<String, Sum> reasons,
            Sum unexplained,
            CountedAnswers.Messages messages) {

        /// Whether every difference has a reason.
        public boolean isExplained() {
            return unexplained.isZero();
        }

        /// How many times too much the sum of the lines is.
        public double factor() {
            return transcript.total() == 0 ? 1 : (double) lines.total() / transcript.total();
        }
    }

    /// What one session's transcripts say.
    private static final class Told {
        private final Map<String, SessionCall.Tokens> byAnswer = new TreeMap<>();

        /// Answers for which the agent keeps no name of the provider's.
        private final Set<String> unnamed = new HashSet<>();

        private Sum lines = Sum.NONE;
        private String client = "";
    }

    private final CountedAnswers recorded;

    public Reconcile(CountedAnswers recorded) {
        this.recorded = recorded;
    }

    /// @param found transcripts, by agent
    /// @param session all, if none is named
    public List<Session> run(Map<TranscriptFormat, TranscriptFiles.Found> found, Optional<String> session)
            throws IOException, SQLException, QueryException {
        return run(found, session, Progress.NONE);
    }

    /// The same, and says how far it has come.
    public List<Session> run(
            Map<TranscriptFormat, TranscriptFiles.Found> found, Optional<String> session, Progress progress)
            throws IOException, SQLException, QueryException {
        Map<String, Told> told = new TreeMap<>();
        Set<String> counted = new HashSet<>();
        for (Map.Entry<TranscriptFormat, TranscriptFiles.Found> agent : found.entrySet()) {
            List<Families.Member> members = new ArrayList<>();
            for (TranscriptFile file : agent.getValue().files()) {
                members.add(new Families.Member(file, Head.of(file)));
            }
            // What a copy repeats is of the session that said it first.
            List<TranscriptFile> files = Families.of(members, Map.of()).stream()
                    .filter(family -> session.isEmpty()
                            || family.sessions().stream().anyMatch(id -> id.startsWith(session.get())))
                    .flatMap(family -> family.members().stream())
                    .map(Families.Member::file)
                    .toList();
            progress.begin(
                    "reading transcripts of " + agent.getKey().client(),
                    files.size(),
                    files.stream().mapToLong(TranscriptFile::size).sum());
            for (TranscriptFile file : files) {
                read(file, told, counted);
                progress.advance(1, file.size());
            }
            progress.end();
        }
        session.ifPresent(only -> told.keySet().removeIf(id -> !id.startsWith(only)));
        return compared(told, session);
    }

    private void read(TranscriptFile file, Map<String, Told> told, Set<String> counted) throws IOException {
        TranscriptFormat.LineReader reader = file.format().reader(Head.source(file));
        LineSource.of(file).read((node, number) -> {
            for (Line line : reader.read(node, number)) {
                Told session = told.computeIfAbsent(line.session(), _ -> new Told());
                session.client = file.format().client();
                count(line, session, counted);
            }
            return true;
        });
    }

    private static void count(Line line, Told session, Set<String> counted) {
        Optional<Answer.Usage> usage = Optional.empty();
        String answer = "";
        if (line.what() instanceof Line.Said said && said.answer().isPresent()) {
            usage = Optional.of(said.answer().get().usage());
            answer = said.answer().get().id().isEmpty()
                    ? line.id()
                    : said.answer().get().id();
            if (said.answer().get().id().isEmpty()) {
                session.unnamed.add(answer);
            }
        } else if (line.what() instanceof Line.Counted count) {
            usage = Optional.of(count.usage());
            answer = count.answer().isEmpty() ? line.id() : count.answer();
        }
        if (usage.isEmpty() || usage.get().raw().isEmpty()) {
            return;
        }
        SessionCall.Tokens tokens = new SessionCall.Tokens(
                usage.get().input().orElse(0L),
                usage.get().output().orElse(0L),
                usage.get().cacheRead().orElse(0L),
                usage.get().cacheWrite().orElse(0L));
        session.lines = session.lines.plus(tokens);
        // The last line of an answer has its count whole. One that another session has said was only copied.
        if (session.byAnswer.containsKey(answer)
                || counted.add(answer + " " + line.columns().get("request_id"))) {
            session.byAnswer.put(answer, tokens);
        }
    }

    private List<Session> compared(Map<String, Told> told, Optional<String> session)
            throws IOException, SQLException, QueryException {
        Map<String, List<CountedAnswers.Answer>> wire = new TreeMap<>();
        for (CountedAnswers.Answer answer : recorded.answers(session)) {
            wire.computeIfAbsent(answer.session(), _ -> new ArrayList<>()).add(answer);
        }
        Map<String, CountedAnswers.Messages> messages = new HashMap<>();
        recorded.messages(session).forEach(one -> messages.put(one.session(), one));
        List<Session> sessions = new ArrayList<>();
        told.forEach((id, transcript) -> sessions.add(compared(
                id,
                transcript,
                wire.getOrDefault(id, List.of()),
                messages.getOrDefault(id, new CountedAnswers.Messages(id, 0, 0, 0)))));
        return sessions;
    }

    private static Session compared(
            String id, Told told, List<CountedAnswers.Answer> wire, CountedAnswers.Messages messages) {
        Sum onWire = Sum.NONE;
        Sum inTranscript = Sum.NONE;
        Map<String, Sum> reasons = new TreeMap<>();
        Map<String, SessionCall.Tokens> left = new HashMap<>(told.byAnswer);
        for (CountedAnswers.Answer answer : wire) {
            onWire = onWire.plus(answer.tokens());
            SessionCall.Tokens there = left.remove(answer.response());
            if (there == null && reason(answer).isEmpty() && takeUnnamed(left, told, answer.tokens())) {
                continue;
            }
            if (there == null) {
                reason(answer).ifPresent(why -> reasons.merge(why, Sum.NONE.plus(answer.tokens()), Sum::plus));
            } else if (!there.equals(answer.tokens())) {
                reasons.merge("counted otherwise", new Sum(0, answer.tokens()).minus(new Sum(0, there)), Sum::plus);
            }
        }
        for (SessionCall.Tokens tokens : told.byAnswer.values()) {
            inTranscript = inTranscript.plus(tokens);
        }
        for (SessionCall.Tokens tokens : left.values()) {
            reasons.merge(NOT_CAPTURED, Sum.NONE.minus(Sum.NONE.plus(tokens)), Sum::plus);
        }
        Sum explained = inTranscript;
        for (Sum sum : reasons.values()) {
            explained = explained.plus(sum);
        }
        Sum unexplained = onWire.minus(explained);
        return new Session(told.client, id, onWire, inTranscript, told.lines, reasons, unexplained, messages);
    }

    /// Takes an answer that has no name and counted the same.
    private static boolean takeUnnamed(Map<String, SessionCall.Tokens> left, Told told, SessionCall.Tokens tokens) {
        Optional<String> same = left.entrySet().stream()
                .filter(one ->
                        told.unnamed.contains(one.getKey()) && one.getValue().equals(tokens))
                .map(Map.Entry::getKey)
                .findFirst();
        same.ifPresent(left::remove);
        return same.isPresent();
    }

    /// Why an answer is in no transcript, if that is known.
    private static Optional<String> reason(CountedAnswers.Answer answer) {
        if (!answer.auxKind().isEmpty()) {
            return Optional.of("side call: " + answer.auxKind());
        }
        return answer.outcome().equals("completed") ? Optional.empty() : Optional.of("not whole: " + answer.outcome());
    }
}
