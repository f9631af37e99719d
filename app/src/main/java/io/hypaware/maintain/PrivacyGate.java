package io.hypaware.maintain;

import io.hypaware.home.Cache;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Micros;
import io.hypaware.journal.Purges;
import io.hypaware.journal.SessionClasses;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.project.Caller;
import io.hypaware.project.Client;
import io.hypaware.project.Projector;
import io.hypaware.project.known.Whereabouts;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Decides what becomes of an exchange before anything of it leaves the journal. What is known of a session's folder
/// counts, whoever says it: the call itself, a hook of the agent, an earlier call. While it is not known and somebody
/// may still say it, the exchange waits where no query sees it.
///
/// A session that is ignored stays so, as its later calls repeat what was said. What was recorded of it before goes
/// where that was done for lack of knowledge; what was recorded in full knowledge stays, and only a purge takes it.
final class PrivacyGate {

    /// For how long after its end an exchange waits.
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// What becomes of an exchange.
    enum Decision {
        RECORD,
        WAIT,
        DROP
    }

    private final PrivacyRules rules;
    private final SessionClasses known;
    private final Purges purges;
    private final SessionHooks hooks;
    private final boolean hasHooks;
    private final Instant now;

    PrivacyGate(Cache cache, Journal journal, SessionHooks hooks, Instant now) {
        this.rules = PrivacyRules.of(cache.privacyList());
        this.known = journal.sessionClasses();
        this.purges = journal.purges();
        this.hooks = hooks;
        this.hasHooks = Files.exists(cache.sessionHooks());
        this.now = now;
    }

    /// Looks at what was recorded for lack of knowledge, which may have come meanwhile without a further call.
    void lookAgain() {
        for (String session : rules.list().sessions().keySet()) {
            optedOut(session);
        }
        for (SessionClasses.Decided decided : known.withoutFolder()) {
            if (!isIgnored(decided)) {
                hooks.first(decided.session())
                        .flatMap(Whereabouts::folder)
                        .map(folder -> Evidence.of(rules, folder, client(decided)))
                        .filter(Evidence::isIgnored)
                        .ifPresent(evidence -> ignore(decided.session(), client(decided), evidence, 0));
            }
        }
    }

    private static Optional<String> client(SessionClasses.Decided decided) {
        return Optional.of(decided.client()).filter(name -> !name.isEmpty());
    }

    /// @param canWait whether it may wait; else what is learned of its session later takes it back
    Decision of(CapturedExchange captured, Projector.Whence whence, boolean canWait) {
        Optional<String> client =
                Client.of(captured.requestHeader("user-agent")).name();
        Optional<Instant> waitsFrom = canWait ? Optional.of(captured.endedAt()) : Optional.empty();
        return of(whence, Caller.parent(captured), new Said(client, captured.startedAt(), waitsFrom));
    }

    /// Decides of a record of telemetry, which says no folder.
    ///
    /// @param service that sent it, by which agents are known, too
    Decision of(Optional<String> session, String service, Instant receivedAt) {
        Projector.Whence whence = new Projector.Whence(session, Optional.empty(), Optional.empty());
        Said said = new Said(Client.of(Optional.of(service)).name(), receivedAt, Optional.of(receivedAt));
        return of(whence, Optional.empty(), said);
    }

    /// Something that was said.
    ///
    /// @param client whose agent said it
    /// @param waitsFrom since when it may wait; nothing if it may not
    private record Said(Optional<String> client, Instant at, Optional<Instant> waitsFrom) {}

    private Decision of(Projector.Whence whence, Optional<String> parent, Said said) {
        Optional<String> client = said.client();
        if (whence.session().isEmpty()) {
            return Evidence.of(rules, whence.folder(), client).isIgnored() ? Decision.DROP : Decision.RECORD;
        }
        String session = whence.session().get();
        List<String> line = Stream.concat(Stream.of(session), parent.stream()).toList();
        long began = Micros.of(said.at());
        for (String one : line) {
            if (rules.isOptedOut(one)) {
                optedOut(one);
                return Decision.DROP;
            }
            Optional<SessionClasses.Decided> decided = known.of(one).filter(PrivacyGate::isIgnored);
            if (decided.filter(it -> it.why().equals(SessionClasses.OPTED_OUT)).isPresent()) {
                // That was taken back.
                known.forget(one);
            } else if (decided.filter(it -> it.sinceMicros() <= began).isPresent()) {
                return Decision.DROP;
            }
        }
        Optional<SessionClasses.Decided> before = known.of(session);
        boolean isKnown = before.filter(it -> !it.folder().isEmpty()).isPresent();
        Optional<Whereabouts> hooked = Optional.of(
                        hooks.at(session, whence.agent().orElse(""), said.at()))
                .filter(at -> at.folder().isPresent())
                .or(() -> isKnown ? Optional.empty() : hooks.first(session));
        List<Evidence> all = Stream.of(whence.folder(), hooked.flatMap(Whereabouts::folder))
                .flatMap(Optional::stream)
                .map(folder -> Evidence.of(rules, folder, client))
                .toList();
        // Only the first turn of a connection says its folder, and side calls say none.
        Evidence strictest = all.stream()
                .reduce(Evidence::strictest)
                .orElseGet(() -> Evidence.of(
                        rules, before.map(SessionClasses.Decided::folder).filter(it -> !it.isEmpty()), client));
        if (strictest.isIgnored()) {
            ignore(session, client, strictest, isKnown ? began : 0);
            return Decision.DROP;
        }
        if (strictest.folder().isEmpty()
                && before.isEmpty()
                && said.waitsFrom().filter(this::mayBeTold).isPresent()) {
            return Decision.WAIT;
        }
        if (before.isEmpty() || tellsMore(strictest, before.get())) {
            known.put(decided(session, client, strictest, 0));
        }
        return Decision.RECORD;
    }

    private boolean mayBeTold(Instant end) {
        return (hasHooks || rules.asksForFolders()) && end.plus(PATIENCE).isAfter(now);
    }

    private static boolean tellsMore(Evidence evidence, SessionClasses.Decided before) {
        boolean stricter = evidence.is().compareTo(PrivacyClass.of(before.is()).orElse(PrivacyClass.SYNC)) > 0;
        return stricter || (before.folder().isEmpty() && evidence.folder().isPresent());
    }

    private void optedOut(String session) {
        boolean isApplied = known.of(session)
                .filter(it -> isIgnored(it) && it.sinceMicros() == 0)
                .isPresent();
        if (!isApplied) {
            Evidence said = new Evidence(Optional.empty(), PrivacyClass.IGNORE, SessionClasses.OPTED_OUT);
            // Anybody on this machine may name sessions that never were.
            if (known.isHeardOf(session)) {
                purges.order(Purges.SESSION, session, now);
            }
            known.put(decided(session, Optional.empty(), said, 0));
        }
    }

    private void ignore(String session, Optional<String> client, Evidence evidence, long sinceMicros) {
        if (sinceMicros == 0 && known.of(session).isPresent()) {
            purges.order(Purges.SESSION, session, now);
        }
        known.put(decided(session, client, evidence, sinceMicros));
    }

    private SessionClasses.Decided decided(
            String session, Optional<String> client, Evidence evidence, long sinceMicros) {
        return new SessionClasses.Decided(
                session,
                evidence.is().word(),
                evidence.folder().orElse(""),
                client.orElse(""),
                evidence.why(),
                sinceMicros,
                Duration.between(Instant.EPOCH, now).toDays());
    }

    private static boolean isIgnored(SessionClasses.Decided decided) {
        return decided.is().equals(PrivacyClass.IGNORE.word());
    }

    /// What a folder, or that none is known, says of a call.
    private record Evidence(Optional<String> folder, PrivacyClass is, String why) {

        static Evidence of(PrivacyRules rules, String folder, Optional<String> client) {
            return of(rules, Optional.of(folder), client);
        }

        static Evidence of(PrivacyRules rules, Optional<String> folder, Optional<String> client) {
            PrivacyRules.Verdict verdict = rules.of(folder, client);
            return new Evidence(folder, verdict.is(), verdict.why());
        }

        boolean isIgnored() {
            return is == PrivacyClass.IGNORE;
        }

        Evidence strictest(Evidence other) {
            return is.compareTo(other.is) >= 0 ? this : other;
        }
    }
}
