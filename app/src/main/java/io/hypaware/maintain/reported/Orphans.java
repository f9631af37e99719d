package io.hypaware.maintain.reported;

import io.hypaware.journal.CallEvent;
import io.hypaware.journal.CallEvent.Kind;
import io.hypaware.journal.CallEvents;
import io.hypaware.project.Caller;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Files of the spool that no event names: the client could not send it, as nobody was there to take it. A request says
/// itself of which session it is, and its file when it was sent. An answer's file says neither; it is of the request
/// that was written before it, where that can be one only, or where a later request shows which one it is.
final class Orphans {

    /// An event comes within seconds of its file, or some attempts later.
    static final Duration GRACE = Duration.ofMinutes(5);

    /// What can be of no call any more.
    static final Duration SWEPT_AFTER = Duration.ofHours(1);

    /// For what an agent's call is made, as events say it, without its name.
    private static final String AGENT = "agent:";

    /// Read in one run.
    private static final int MOST_CALLS = 500;

    private final BodySpool spool;
    private final CallEvents events;
    private final List<BodySpool.Entry> files;
    private final RepeatedAnswers repeated;

    Orphans(BodySpool spool, CallEvents events) throws IOException {
        this.spool = spool;
        this.events = events;
        this.files = spool.list();
        this.repeated = new RepeatedAnswers(spool);
    }

    boolean isEmpty() {
        return files.isEmpty();
    }

    /// The calls that they make, in the order in which they were sent.
    List<Pairing.Call> calls(Instant now) throws IOException {
        Set<String> named = events.files();
        List<BodySpool.Entry> open = new ArrayList<>();
        List<Pairing.Call> calls = new ArrayList<>();
        for (BodySpool.Entry file : files) {
            if (named.contains(file.name()) || !isOld(file, GRACE, now) || calls.size() == MOST_CALLS) {
                continue;
            }
            if (!file.isRequest()) {
                answered(file, open).ifPresent(calls::add);
            } else if (events.isRecorded(file.name())) {
                spool.erase(file.name());
            } else {
                open.add(file);
            }
        }
        for (BodySpool.Entry file : open) {
            request(file).ifPresent(event -> calls.add(call(event, Optional.empty())));
        }
        return calls;
    }

    /// The call of an answer; what it leaves open it leaves for those that come.
    private Optional<Pairing.Call> answered(BodySpool.Entry answer, List<BodySpool.Entry> open) throws IOException {
        if (open.isEmpty()) {
            return Optional.empty();
        }
        BodySpool.Entry last = open.getLast();
        // Attempts of the same request have the same length.
        boolean isOne = open.stream().allMatch(other -> other.bytes() == last.bytes());
        Optional<BodySpool.Entry> asked = isOne
                ? Optional.of(last)
                : repeated.requestOf(answer, open, files.subList(files.indexOf(answer) + 1, files.size()));
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        Optional<CallEvent> request = request(asked.get());
        request.ifPresent(_ -> open.remove(asked.get()));
        return request.map(event -> call(event, Optional.of(event(Kind.RESPONSE, answer, event.speaker()))));
    }

    private static Pairing.Call call(CallEvent request, Optional<CallEvent> response) {
        return new Pairing.Call(Optional.of(request), response, Optional.empty(), Optional.empty());
    }

    /// The request in a file, if that names a session.
    private Optional<CallEvent> request(BodySpool.Entry file) throws IOException {
        return spool.read(file.name())
                .map(content -> RequestBody.of(content.bytes()))
                .flatMap(body -> body.userId()
                        .flatMap(user ->
                                Caller.of(Optional.empty(), Optional.of(user)).id())
                        .map(session -> new CallEvent.Speaker(session, "", body.ofAgent() ? AGENT : ""))
                        .map(speaker -> event(Kind.REQUEST, file, speaker)));
    }

    private static CallEvent event(Kind kind, BodySpool.Entry file, CallEvent.Speaker speaker) {
        return new CallEvent(
                "file " + file.name(),
                kind,
                speaker,
                file.written(),
                0,
                new CallEvent.Body(file.name(), new byte[0], file.bytes()),
                CallEvent.Told.NOTHING.withRequestId(file.requestId()));
    }

    /// Takes away what nobody names and nothing can be made of.
    void sweep(Instant now) throws IOException {
        Set<String> named = events.files();
        for (BodySpool.Entry file : files) {
            if (!named.contains(file.name()) && isOld(file, SWEPT_AFTER, now)) {
                spool.erase(file.name());
            }
        }
    }

    private static boolean isOld(BodySpool.Entry file, Duration age, Instant now) {
        return file.written().plus(age).isBefore(now);
    }
}
