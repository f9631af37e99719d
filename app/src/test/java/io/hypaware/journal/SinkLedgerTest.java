package io.hypaware.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.ProcessLock;
import io.hypaware.journal.SinkLedger.Looked;
import io.hypaware.journal.SinkLedger.Sent;
import io.hypaware.journal.SinkState.Refused;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was sent is known for as long as what it was made of.
class SinkLedgerTest {

    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    @TempDir
    private Path folder;

    private Journal journal;
    private SinkLedger ledger;

    @BeforeEach
    void open() {
        Path file = folder.resolve("journal.db");
        journal = Journal.open(file);
        ledger = SinkLedger.openExisting(file).orElseThrow();
    }

    @AfterEach
    void close() {
        ledger.close();
        journal.close();
    }

    private void sent(String session, Instant last, Optional<Instant> again) {
        long purges = ledger.purges();
        List<Sent> sent = List.of(new Sent(session, session.hashCode(), last));
        assertThat(ledger.sending("one", sent, purges)).isTrue();
        ledger.sent("one", sent, Refused.NONE);
        ledger.looked("one", List.of(new Looked(session, last, again)), Optional.empty(), purges);
    }

    @Test
    void aRunThatGoesOnHasNotFailedForThoseWhoLook() throws Exception {
        Path lock = folder.resolve("sinks.lock");
        ledger.begin("one", NOW, NOW);
        try (ProcessLock _ = ProcessLock.tryTake(lock, "sinks").orElseThrow()) {
            assertThat(ledger.shown("one", lock).failures()).isZero();
            assertThat(ledger.shown("one", lock).error()).isEmpty();
            assertThat(ledger.state("one").failures()).isEqualTo(1);
        }
        assertThat(ledger.shown("one", lock).error()).contains("ended in the middle of it");
    }

    @Test
    void whatIsNotKeptAnyMoreIsForgottenUnlessItGoesOn() {
        sent("old", THEN, Optional.empty());
        sent("old, not over", THEN, Optional.of(NOW));
        sent("new", NOW, Optional.empty());

        ledger.forgetBefore(NOW.minusSeconds(60));

        assertThat(ledger.sent("one", "old")).isEmpty();
        assertThat(ledger.sent("one", "old, not over")).hasSize(1);
        assertThat(ledger.sent("one", "new")).hasSize(1);
        assertThat(ledger.open("one", NOW, "", 9)).containsExactly("old, not over");
    }

    @Test
    void whatIsPurgedIsForgottenForEachSinkAndNoOther() {
        sent("purged", NOW, Optional.of(NOW));
        sent("kept", NOW, Optional.of(NOW));
        Purges purges = journal.purges();
        long order = purges.order(Purges.SESSION, "purged", NOW);
        purges.choose(purges.open().getFirst(), new Purges.Meaning(List.of("purged"), List.of(), 0, Instant.EPOCH));

        purges.forgetSessions(order);

        assertThat(ledger.sent("one", "purged")).isEmpty();
        assertThat(ledger.open("one", NOW, "", 9)).containsExactly("kept");
        assertThat(ledger.state("one").sent()).isEqualTo(2);
    }

    @Test
    void whatWasReadBeforeAPurgeIsNotLookedAt() {
        long before = ledger.purges();
        List<Sent> sent = List.of(new Sent("purged", 1, NOW));
        assertThat(ledger.sending("one", sent, before)).isTrue();
        journal.purges().order(Purges.SESSION, "purged", NOW);

        ledger.sent("one", sent, new Refused(1, "no"));
        assertThat(ledger.sending("one", sent, before)).isFalse();

        assertThat(ledger.looked("one", List.of(new Looked("purged", NOW, Optional.of(NOW))), Optional.empty(), before))
                .isFalse();
        assertThat(ledger.open("one", NOW, "", 9)).isEmpty();
        assertThat(ledger.state("one").lately()).isEqualTo(new Refused(1, "no"));
    }
}
