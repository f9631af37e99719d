package io.hypaware.sink;

import io.hypaware.home.Cache;
import io.hypaware.journal.SinkLedger;
import io.hypaware.privacy.PrivacyRules;

/// By what something was read that is to leave. It leaves if that still holds once it is read.
///
/// @param purges what had been ordered to be taken back by then
public record Permission(Cache cache, SinkLedger ledger, PrivacyRules rules, long purges) {

    /// To be taken before anything is read.
    public static Permission of(Cache cache, SinkLedger ledger, PrivacyRules rules) {
        return new Permission(cache, ledger, rules, ledger.purges());
    }

    /// Whether nothing was taken back, and nobody said otherwise of what may leave, since.
    public boolean isStill() {
        PrivacyRules now = PrivacyRules.of(cache.privacyList());
        return now.unreadable().isEmpty() && now.list().equals(rules.list()) && ledger.purges() == purges;
    }
}
