package io.hypaware.maintain.purge;

import io.hypaware.home.Cache;
import io.hypaware.journal.CallEvent;
import io.hypaware.journal.CallEvents;
import io.hypaware.journal.Journal;
import io.hypaware.maintain.reported.BodySpool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/// Takes back what a client reports of its calls while that is no exchange yet: events of the journal, and the files in
/// which bodies stand.
final class ReportedPurge {

    private static final int MOST_EVENTS = 20_000;

    private final CallEvents events;
    private final BodySpool spool;

    ReportedPurge(Cache cache, Journal journal) {
        this.events = journal.callEvents();
        this.spool = new BodySpool(cache.claudeBodies());
    }

    /// Takes back what is of some sessions, or says what a purge is of.
    void run(List<String> sessions, Predicate<String> names) throws IOException {
        Predicate<String> goes = text -> names.test(text) || sessions.stream().anyMatch(text::contains);
        for (CallEvent event : events.oldest(MOST_EVENTS)) {
            CallEvent.Body body = event.body();
            if (sessions.contains(event.speaker().session())
                    || goes.test(text(body.inline()))
                    || isNamedIn(body.file(), goes)) {
                forget(event);
            }
        }
        for (BodySpool.Entry entry : spool.list()) {
            if (isNamedIn(entry.name(), goes)) {
                spool.erase(entry.name());
            }
        }
    }

    /// Takes back what happened before a time.
    void runBefore(Instant time) throws IOException {
        events.oldest(MOST_EVENTS).stream()
                .filter(event -> event.at().isBefore(time))
                .forEach(this::forget);
        for (BodySpool.Entry entry : spool.list()) {
            if (entry.written().isBefore(time)) {
                spool.erase(entry.name());
            }
        }
    }

    private void forget(CallEvent event) {
        events.forget(List.of(event));
        spool.erase(event.body().file());
    }

    private boolean isNamedIn(String file, Predicate<String> goes) throws IOException {
        return spool.read(file)
                .filter(content -> goes.test(text(content.bytes())))
                .isPresent();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
