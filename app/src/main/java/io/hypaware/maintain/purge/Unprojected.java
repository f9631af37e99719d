package io.hypaware.maintain.purge;

import com.google.protobuf.Message;
import io.hypaware.home.Cache;
import io.hypaware.journal.CallEvent;
import io.hypaware.journal.Direction;
import io.hypaware.journal.Journal;
import io.hypaware.journal.TelemetryRequest;
import io.hypaware.journal.TelemetryRequests;
import io.hypaware.maintain.reported.BodySpool;
import io.hypaware.maintain.reported.ClaudeEvents;
import io.hypaware.project.ContentCodings;
import io.hypaware.project.otel.TelemetryRemains;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;

/// What was accepted and is no row: calls, requests of telemetry that wait or were set aside, events by which a client
/// reports its calls, and the files with their bodies. Whether it goes is known by its time or by what its bytes name.
final class Unprojected {

    private static final Logger LOG = Logger.getLogger(Unprojected.class.getName());

    private final Journal journal;
    private final Selection selection;
    private final Instant until;
    private final Tally tally;
    private final BodySpool spool;

    /// @param until what was received later is not meant
    Unprojected(Cache cache, Journal journal, Selection selection, Instant until, Tally tally) {
        this.journal = journal;
        this.selection = selection;
        this.until = until;
        this.tally = tally;
        this.spool = new BodySpool(cache.claudeBodies());
    }

    /// How many there are.
    long count(List<String> sessions) throws IOException {
        AtomicLong count = new AtomicLong();
        visit(sessions, _ -> count.incrementAndGet());
        return count.get();
    }

    void forget(List<String> sessions) throws IOException {
        visit(sessions, Runnable::run);
    }

    /// Hands over, of each that goes, how it is forgotten.
    private void visit(List<String> sessions, Consumer<Runnable> found) throws IOException {
        Predicate<String> names = HomeFiles.lines(selection, SessionNames.onTheWire(sessions));
        exchanges(names, found);
        // Answers are known by requests, and these by events: who goes on behind a crash finds them still.
        List<BodySpool.Entry> files = spool.list();
        Set<String> bodies = going(files, names);
        for (String answer : unnamed(new SpooledBodies(files, journal.callEvents()).answersOf(bodies, sessions))) {
            found.accept(() -> spool.erase(answer));
        }
        telemetry(names, found);
        events(sessions, bodies, names, found);
        bodies.forEach(body -> found.accept(() -> spool.erase(body)));
    }

    private boolean goes(Instant at, Named named) throws IOException {
        return selection instanceof Selection.Before(Instant time) ? at.isBefore(time) : named.test();
    }

    /// Whether something names what goes; asked only where that counts.
    @FunctionalInterface
    private interface Named {
        boolean test() throws IOException;
    }

    private void exchanges(Predicate<String> names, Consumer<Runnable> found) throws IOException {
        for (long seq : journal.purges().unprojected(until)) {
            if (goes(
                    journal.exchange(seq).startedAt(),
                    () -> names.test(journal.exchange(seq).requestHeadersJson()) || isNamedIn(seq, names))) {
                found.accept(() -> {
                    journal.purges()
                            .forgetExchanges(List.of(journal.exchange(seq).id()));
                    tally.exchanges(1);
                });
            }
        }
    }

    private void telemetry(Predicate<String> names, Consumer<Runnable> found) throws IOException {
        TelemetryRequests requests = journal.telemetry();
        Optional<TelemetryRequests.Pending> next = requests.nextReceived(0, until);
        while (next.isPresent()) {
            long seq = next.get().seq();
            TelemetryRequest request = next.get().request();
            if (goes(request.receivedAt(), () -> isNamedIn(readable(request), names))) {
                TelemetryRequests.Pending pending = next.get();
                found.accept(() -> takeOut(pending, names));
            }
            next = requests.nextReceived(seq, until);
        }
    }

    /// Records stay that say nothing of what goes. Of a request that cannot be taken apart nobody can tell.
    private void takeOut(TelemetryRequests.Pending pending, Predicate<String> names) {
        List<TelemetryRequests.Rest> rest = List.of();
        if (!(selection instanceof Selection.Before)) {
            try {
                rest = TelemetryRemains.of(pending, names, this::eraseBody);
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                LOG.log(Level.INFO, "telemetry request " + pending.seq() + " cannot be read, and goes whole", e);
            }
        }
        journal.telemetry().replace(pending.seq(), rest);
    }

    private void eraseBody(Message record) {
        if (record instanceof LogRecord log) {
            ClaudeEvents.file(log, spool).ifPresent(spool::erase);
        }
    }

    /// @param bodies files that go, as their content says
    private void events(List<String> sessions, Set<String> bodies, Predicate<String> names, Consumer<Runnable> found)
            throws IOException {
        for (CallEvent event : journal.callEvents().all()) {
            CallEvent.Body body = event.body();
            if (goes(
                    event.at(),
                    () -> sessions.contains(event.speaker().session())
                            || names.test(text(body.inline()))
                            || bodies.contains(body.file()))) {
                found.accept(() -> {
                    spool.erase(body.file());
                    journal.callEvents().forget(List.of(event));
                });
            }
        }
    }

    private Set<String> going(List<BodySpool.Entry> files, Predicate<String> names) throws IOException {
        Set<String> going = new LinkedHashSet<>();
        for (BodySpool.Entry file : files) {
            if (goes(file.written(), () -> isNamedIn(file.name(), names))) {
                going.add(file.name());
            }
        }
        return going;
    }

    /// Those of some files that nothing names that waits: what does says itself whether it goes.
    private Set<String> unnamed(List<String> files) throws IOException {
        Set<String> unnamed = new LinkedHashSet<>(files);
        TelemetryRequests requests = journal.telemetry();
        long at = 0;
        Optional<TelemetryRequests.Pending> next = unnamed.isEmpty() ? Optional.empty() : requests.next(at);
        while (next.isPresent()) {
            InputStream body = readable(next.get().request());
            isNamedIn(body, text -> {
                unnamed.removeIf(text::contains);
                return unnamed.isEmpty();
            });
            at = next.get().seq();
            next = requests.next(at);
        }
        return unnamed;
    }

    private static InputStream readable(TelemetryRequest request) throws IOException {
        return ContentCodings.readable(new ByteArrayInputStream(request.body()), request.contentEncoding());
    }

    private boolean isNamedIn(String file, Predicate<String> names) throws IOException {
        return spool.read(file)
                .filter(content -> names.test(text(content.bytes())))
                .isPresent();
    }

    private boolean isNamedIn(long seq, Predicate<String> names) throws IOException {
        for (Direction direction : Direction.values()) {
            try (InputStream body = journal.body(seq, direction)) {
                if (isNamedIn(body, names)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isNamedIn(InputStream body, Predicate<String> names) throws IOException {
        byte[] piece = new byte[1 << 16];
        String before = "";
        for (int read = body.readNBytes(piece, 0, piece.length);
                read > 0;
                read = body.readNBytes(piece, 0, piece.length)) {
            String text = text(piece, read);
            // What stands at the end of one piece may go on in the next one.
            if (names.test(before + text)) {
                return true;
            }
            before = text.substring(Math.max(0, text.length() - 1_000));
        }
        return false;
    }

    private static String text(byte[] bytes) {
        return text(bytes, bytes.length);
    }

    private static String text(byte[] bytes, int length) {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
