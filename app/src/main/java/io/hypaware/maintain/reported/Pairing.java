package io.hypaware.maintain.reported;

import io.hypaware.journal.CallEvent;
import io.hypaware.journal.CallEvent.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which events are of one call. A client names its answers by the provider's request ids, but not the request that
/// each answers: of those that the same speaker has sent it is the one from when the answered attempt began. A pure
/// function of the events and the time.
final class Pairing {

    /// Events of one moment may come in two exports.
    static final Duration GRACE = Duration.ofSeconds(30);

    /// After that no answer is expected any more.
    static final Duration PATIENCE = Duration.ofMinutes(15);

    /// An answer's event may have a time just before its request's: the client takes both, in milliseconds. What tells
    /// it from the next request, which may follow as soon, is the order in which the client counts its events.
    private static final Duration SKEW = Duration.ofMillis(50);

    /// A request for a stream says so in this many bytes.
    private static final int STREAM_FIELD = ",\"stream\":true".length();

    /// Agents of a session may make calls at once; all other callers make one after the other.
    private static final String AGENT_SOURCE = "agent:";

    /// What is known of one call.
    record Call(
            Optional<CallEvent> request,
            Optional<CallEvent> response,
            Optional<CallEvent> answered,
            Optional<CallEvent> failed) {

        List<CallEvent> events() {
            return Stream.of(request, response, answered, failed)
                    .flatMap(Optional::stream)
                    .toList();
        }

        /// Whether there is anything of what was said.
        boolean hasBody() {
            return request.isPresent() || response.isPresent();
        }

        /// What ended it.
        Optional<CallEvent> end() {
            return answered.or(() -> failed).or(() -> response);
        }

        /// The provider's names of its answer.
        List<String> requestIds() {
            return events().stream()
                    .flatMap(event -> event.told().requestId().stream())
                    .distinct()
                    .toList();
        }

        /// When it was last heard of.
        Instant latest() {
            return events().stream().map(CallEvent::at).max(Instant::compareTo).orElseThrow();
        }

        private Call with(CallEvent event) {
            Optional<CallEvent> it = Optional.of(event);
            return switch (event.kind()) {
                case REQUEST -> new Call(it, response, answered, failed);
                case RESPONSE -> new Call(request, it, answered, failed);
                case ANSWERED -> new Call(request, response, it, failed);
                case FAILED -> new Call(request, response, answered, it);
            };
        }

        private Instant endedAt() {
            return end().orElseThrow().at();
        }

        private Optional<Instant> began() {
            return end().flatMap(end -> end.told().duration().map(end.at()::minus));
        }

        /// Whether nothing of it is still to come.
        private boolean isWhole() {
            return failed.isPresent() || (response.isPresent() && answered.isPresent());
        }
    }

    private static final Call NOTHING =
            new Call(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /// The calls of which nothing more is waited for, in the order in which they began.
    static List<Call> ready(List<CallEvent> events, Instant now) {
        Map<CallEvent.Speaker, List<CallEvent>> bySpeaker = events.stream()
                .collect(Collectors.groupingBy(CallEvent::speaker, LinkedHashMap::new, Collectors.toList()));
        List<Call> ready = new ArrayList<>();
        bySpeaker.forEach((speaker, own) -> {
            for (Call call : calls(own)) {
                if (isReady(call, events, now)) {
                    ready.add(call);
                }
            }
        });
        ready.sort(Comparator.comparing(call -> call.events().getFirst().at()));
        return ready;
    }

    /// All calls of one speaker.
    private static List<Call> calls(List<CallEvent> events) {
        List<CallEvent> open = new ArrayList<>(
                events.stream().filter(event -> event.kind() == Kind.REQUEST).toList());
        List<Call> calls = new ArrayList<>();
        for (Call end : ends(events)) {
            Optional<CallEvent> request = requestOf(end, open);
            request.ifPresent(open::remove);
            calls.add(request.map(end::with).orElse(end));
        }
        open.forEach(request -> calls.add(NOTHING.with(request)));
        return calls;
    }

    /// What ended calls, in the order in which they ended.
    private static List<Call> ends(List<CallEvent> events) {
        Map<String, Call> byName = new LinkedHashMap<>();
        for (CallEvent event : events) {
            if (event.kind() != Kind.REQUEST) {
                String name = event.told().requestId().orElse("row " + event.rowId());
                byName.merge(name, NOTHING.with(event), (call, _) -> call.with(event));
            }
        }
        return byName.values().stream()
                .sorted(Comparator.comparing(Call::endedAt))
                .toList();
    }

    private static Optional<CallEvent> requestOf(Call end, List<CallEvent> open) {
        Instant latest = end.endedAt().plus(SKEW);
        List<CallEvent> possible = open.stream()
                .filter(request -> !request.at().isAfter(latest) && !follows(request, end))
                .toList();
        Optional<CallEvent> last = possible.stream().max(Comparator.comparing(CallEvent::at));
        Optional<Instant> began = end.began();
        if (began.isEmpty() || last.filter(it -> !isOfAgent(it)).isPresent()) {
            return last;
        }
        Optional<CallEvent> first = possible.stream()
                .min(Comparator.comparing(
                        request -> Duration.between(began.get(), request.at()).abs()));
        return first.map(it -> possible.stream()
                .filter(again -> isAgain(again, it))
                .findFirst()
                .orElse(it));
    }

    /// Whether a request came after what ended a call.
    private static boolean follows(CallEvent request, Call end) {
        CallEvent ended = end.end().orElseThrow();
        return !request.at().isBefore(ended.at()) && request.sequence() > ended.sequence();
    }

    /// Whether a request is one sent again that is not to be answered as a stream, as that broke off: what it took is
    /// counted from the first one on.
    private static boolean isAgain(CallEvent again, CallEvent first) {
        return again.at().isAfter(first.at())
                && first.body().length() - again.body().length() == STREAM_FIELD;
    }

    private static boolean isOfAgent(CallEvent event) {
        return event.speaker().source().startsWith(AGENT_SOURCE);
    }

    private static boolean isReady(Call call, List<CallEvent> all, Instant now) {
        if (call.end().isPresent()) {
            boolean isOld = call.endedAt().plus(GRACE).isBefore(now);
            return isOld || (call.isWhole() && call.request().isPresent());
        }
        CallEvent request = call.request().orElseThrow();
        return request.at().plus(PATIENCE).isBefore(now) || all.stream().anyMatch(other -> isAfter(other, request));
    }

    /// Whether a caller has gone on to its next request.
    private static boolean isAfter(CallEvent other, CallEvent request) {
        CallEvent.Speaker speaker = request.speaker();
        return other.kind() == Kind.REQUEST
                && other.at().isAfter(request.at())
                && !isOfAgent(request)
                && other.speaker().session().equals(speaker.session())
                && other.speaker().source().equals(speaker.source());
    }

    private Pairing() {}
}
