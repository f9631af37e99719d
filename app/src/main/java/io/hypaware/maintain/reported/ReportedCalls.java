package io.hypaware.maintain.reported;

import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.journal.CallEvent;
import io.hypaware.journal.CallEvents;
import io.hypaware.journal.ExchangeStart;
import io.hypaware.journal.Header;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalException;
import io.hypaware.journal.Outcome;
import io.hypaware.project.Caller;
import io.hypaware.project.Ulids;
import io.hypaware.project.message.Speaker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/// Makes exchanges of the calls that Claude Code reports: its events say when and by whom, files in the spool what. The
/// exchange then waits in the journal as one does that was recorded on its way, and everything else is done there. A
/// call that was recorded on its way is not made twice. Of the thread that projects, which holds its lock.
///
/// First the exchange is committed and its events are forgotten, in one step, then its files go: who dies between
/// leaves files whose call is known, and they go in the next run.
public final class ReportedCalls {

    /// How exchanges of this kind are told from others: no upstream of the gateway has carried them.
    public static final String UPSTREAM = "telemetry";

    private static final Logger LOG = Logger.getLogger(ReportedCalls.class.getName());

    private static final String PATH = "/v1/messages";
    private static final int OK = 200;

    private static final int MOST_EVENTS = 20_000;

    /// What client and gateway call the same moment.
    private static final Duration SAME_START = Duration.ofSeconds(2);

    /// A request without an answer may have waited this long for a gateway that was being started.
    private static final Duration LET_IN = Duration.ofMinutes(1);

    private final CallEvents events;
    private final BodySpool spool;
    private final UnaryOperator<String> texts;
    private final Consumer<ReportStep> steps;

    /// @param texts what is said of a call as it is stored
    public ReportedCalls(Cache cache, Journal journal, UnaryOperator<String> texts) {
        this(cache, journal, texts, _ -> {});
    }

    /// @param steps told of each step that is done
    ReportedCalls(Cache cache, Journal journal, UnaryOperator<String> texts, Consumer<ReportStep> steps) {
        this.texts = texts;
        this.events = journal.callEvents();
        this.spool = new BodySpool(cache.claudeBodies());
        this.steps = steps;
    }

    /// Whether there may be something to record.
    public boolean isAny() {
        return !events.oldest(1).isEmpty() || spool.isAny();
    }

    /// Of a call that the gateway closed after its client's report had become an exchange, one stays: a call is one
    /// exchange, whoever tells of it first.
    public void keepOneOfEach() {
        for (CallEvents.Known wire : events.pendingOnTheWire()) {
            Optional<String> answer = answer(wire);
            if (answer.filter(events::isReported).isPresent()) {
                for (CallEvents.Known reported : events.reported()) {
                    if (answer(reported).equals(answer)) {
                        events.keepOne(reported, wire);
                        steps.accept(ReportStep.ONE_KEPT);
                    }
                }
            }
        }
    }

    private static Optional<String> answer(CallEvents.Known exchange) {
        return exchange.asked(Caller.HEADER)
                .flatMap(session -> exchange.answered(CallEvents.REQUEST_ID).map(id -> answer(session, id)));
    }

    /// By session, too: a name that somebody else gives to an answer says nothing of this one.
    private static String answer(String session, String requestId) {
        return session + " " + requestId;
    }

    /// Makes exchanges of what is whole, or is not waited for any more; returns how many that were.
    public int record(Instant now) throws IOException {
        List<CallEvent> reported = events.oldest(MOST_EVENTS);
        Orphans orphans = new Orphans(spool, events);
        if (reported.isEmpty() && orphans.isEmpty()) {
            return 0;
        }
        spool.close();
        int recorded = record(Pairing.ready(reported, now), now);
        if (events.isAllRead()) {
            recorded += record(orphans.calls(now), now);
            orphans.sweep(now);
        }
        return recorded;
    }

    private int record(List<Pairing.Call> calls, Instant now) throws IOException {
        if (calls.isEmpty()) {
            return 0;
        }
        Instant first = calls.stream()
                .flatMap(call -> call.events().stream())
                .map(event -> event.told().duration().map(event.at()::minus).orElse(event.at()))
                .min(Instant::compareTo)
                .orElseThrow();
        List<CallEvents.Known> onTheWire = events.onTheWire(first.minus(SAME_START));
        int recorded = 0;
        for (Pairing.Call call : calls) {
            try {
                recorded += record(call, onTheWire, now) ? 1 : 0;
            } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
                if (e instanceof JournalException) {
                    throw e;
                }
                // What one call reports says nothing of the next. It stays as it is, and is tried again.
                LOG.log(Level.WARNING, "a call that its client reports cannot be recorded", e);
            }
        }
        return recorded;
    }

    /// @return whether it has become an exchange; else the gateway recorded it, or may be recording it still, or
    /// nothing is known of it
    private boolean record(Pairing.Call call, List<CallEvents.Known> onTheWire, Instant now) throws IOException {
        Said request = said(call.request());
        RequestBody sent = RequestBody.of(request.bytes());
        boolean isNew = call.hasBody() && onTheWire.stream().noneMatch(wire -> isSame(wire, call, sent));
        boolean isWaitedFor = call.latest().plus(Pairing.PATIENCE).isAfter(now);
        if (isNew && isWaitedFor && onTheWire.stream().anyMatch(wire -> mayBe(wire, call))) {
            return false;
        }
        if (isNew) {
            String session = call.events().getFirst().speaker().session();
            List<String> answers =
                    call.requestIds().stream().map(id -> answer(session, id)).toList();
            events.record(reported(call, request, sent), call.events(), requestFile(call), answers);
        } else {
            events.forget(call.events());
        }
        steps.accept(ReportStep.RECORDED);
        for (CallEvent event : call.events()) {
            spool.erase(event.body().file());
            steps.accept(ReportStep.ERASED);
        }
        return isNew;
    }

    private static String requestFile(Pairing.Call call) {
        return call.request().map(event -> event.body().file()).orElse("");
    }

    /// @param missing why it is not whole
    private record Said(byte[] bytes, Optional<String> missing, Outcome outcome) {}

    private Said said(Optional<CallEvent> event) throws IOException {
        if (event.isEmpty()) {
            return new Said(new byte[0], Optional.empty(), Outcome.COMPLETED);
        }
        CallEvent.Body body = event.get().body();
        if (body.file().isEmpty()) {
            boolean isWhole = body.inline().length >= body.length();
            return isWhole
                    ? new Said(body.inline(), Optional.empty(), Outcome.COMPLETED)
                    : new Said(
                            body.inline(),
                            Optional.of("the client sent its beginning only"),
                            Outcome.CAPTURE_TRUNCATED);
        }
        Optional<BodySpool.Content> content = spool.read(body.file());
        if (content.isEmpty()) {
            String why = spool.isShared(body.file())
                    ? "its file had another name, too, and was not read"
                    : "its file was gone";
            return new Said(new byte[0], Optional.of(why), Outcome.CAPTURE_DROPPED);
        }
        return new Said(
                content.get().bytes(),
                content.get().whole() ? Optional.empty() : Optional.of("it is larger than what is read of one"),
                content.get().whole() ? Outcome.COMPLETED : Outcome.CAPTURE_TRUNCATED);
    }

    private CallEvents.Reported reported(Pairing.Call call, Said request, RequestBody sent) throws IOException {
        Said answer = said(call.response());
        CallEvent first = call.events().getFirst();
        Instant ended = call.end().map(CallEvent::at).orElse(first.at());
        Instant started = call.request()
                .map(CallEvent::at)
                .or(() -> call.end().flatMap(end -> end.told().duration().map(end.at()::minus)))
                .orElse(ended);
        List<Header> headers = new ArrayList<>();
        call.events().stream()
                .flatMap(event -> event.told().clientVersion().stream())
                .findFirst()
                .ifPresent(version -> headers.add(new Header("user-agent", "claude-cli/" + version)));
        if (!first.speaker().session().isEmpty()) {
            headers.add(new Header(Caller.HEADER, first.speaker().session()));
        }
        if (!first.speaker().source().isEmpty()) {
            // No header of the wire, and the only thing that says that an agent of the session speaks.
            headers.add(new Header(Speaker.QUERY_SOURCE, first.speaker().source()));
        }
        if (!sent.betas().isEmpty()) {
            headers.add(new Header("anthropic-beta", String.join(",", sent.betas())));
        }
        List<Header> answerHeaders = call.requestIds().stream()
                .limit(1)
                .map(id -> new Header(CallEvents.REQUEST_ID, id))
                .toList();
        Ending ending = Ending.of(call, request, answer);
        return new CallEvents.Reported(
                new ExchangeStart(
                        id(started, first), started, UPSTREAM, "anthropic", "POST", PATH, headers, Optional.empty()),
                ending.status(),
                answerHeaders,
                ended.isBefore(started) ? started : ended,
                ending.outcome(),
                ending.error().map(texts),
                sent.bytes(),
                answer.bytes());
    }

    /// How a call ended, as far as its client tells.
    private record Ending(Optional<Integer> status, Outcome outcome, Optional<String> error) {

        static Ending of(Pairing.Call call, Said request, Said answer) {
            Optional<String> missing = joined(
                    call.request().isEmpty()
                            ? Optional.of("its client told of no request")
                            : notWhole("request", request),
                    notWhole("answer", answer));
            if (call.failed().isPresent()) {
                CallEvent.Told told = call.failed().get().told();
                return new Ending(
                        told.status(),
                        told.status().isPresent() ? Outcome.COMPLETED : Outcome.UPSTREAM_ERROR,
                        joined(told.error(), missing));
            }
            if (call.end().isEmpty()) {
                return new Ending(
                        Optional.empty(),
                        Outcome.CLIENT_ABORTED,
                        joined(Optional.of("its client told of no answer"), missing));
            }
            if (call.response().isEmpty()) {
                return new Ending(
                        Optional.of(OK),
                        Outcome.CAPTURE_DROPPED,
                        joined(missing, Optional.of("its client told of an answer, and not what it was")));
            }
            Outcome outcome = request.outcome() == Outcome.COMPLETED ? answer.outcome() : request.outcome();
            return new Ending(Optional.of(OK), call.request().isEmpty() ? Outcome.CAPTURE_DROPPED : outcome, missing);
        }

        private static Optional<String> notWhole(String what, Said said) {
            return said.missing().map(why -> "the " + what + " is not whole: " + why);
        }

        private static Optional<String> joined(Optional<String> one, Optional<String> other) {
            return Stream.of(one, other).flatMap(Optional::stream).reduce((a, b) -> a + "; " + b);
        }
    }

    /// Ordered by time as those of the gateway are, and the same whenever it is made of the same.
    private static String id(Instant started, CallEvent first) {
        String seed =
                first.body().file().isEmpty() ? first.rowId() : first.body().file();
        return Ulids.of(started, Hashes.sha256(seed.getBytes(StandardCharsets.UTF_8)));
    }

    /// Whether the gateway recorded the call on its way.
    private static boolean isSame(CallEvents.Known wire, Pairing.Call call, RequestBody sent) {
        if (!isOfSession(wire, call)) {
            return false;
        }
        Optional<String> answered = wire.answered(CallEvents.REQUEST_ID);
        if (answered.isPresent() && !call.requestIds().isEmpty()) {
            return call.requestIds().contains(answered.get());
        }
        return !wire.isOpen() && isDuring(wire, call) && sent.mayHaveHad(wire.requestBytes());
    }

    /// Whether the gateway may be recording the call still.
    private static boolean mayBe(CallEvents.Known wire, Pairing.Call call) {
        return wire.isOpen() && isOfSession(wire, call) && isDuring(wire, call);
    }

    private static boolean isOfSession(CallEvents.Known wire, Pairing.Call call) {
        String session = call.events().getFirst().speaker().session();
        return wire.asked(Caller.HEADER).filter(session::equals).isPresent();
    }

    /// Whether a request may have come to the gateway while its client waited for the answer.
    private static boolean isDuring(CallEvents.Known wire, Pairing.Call call) {
        return call.request()
                .map(CallEvent::at)
                .filter(sent -> {
                    Instant latest =
                            call.end().map(end -> end.at().plus(SAME_START)).orElse(sent.plus(LET_IN));
                    return wire.startedAt().isAfter(sent.minus(SAME_START))
                            && wire.startedAt().isBefore(latest);
                })
                .isPresent();
    }
}
