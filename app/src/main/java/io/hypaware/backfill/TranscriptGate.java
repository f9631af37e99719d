package io.hypaware.backfill;

import io.hypaware.journal.Micros;
import io.hypaware.journal.SessionClasses;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.project.transcript.Line;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Which transcripts, and which lines of them, may be recorded: what is ignored where calls are recorded is ignored
/// where their agent tells of them. From the first line on that is written in an ignored folder, a session is left out.
final class TranscriptGate {

    private final PrivacyRules rules;
    private final SessionClasses known;
    private final Set<String> closed = new HashSet<>();

    TranscriptGate(PrivacyRules rules, SessionClasses known) {
        this.rules = rules;
        this.known = known;
    }

    /// Whether nothing of a transcript is recorded.
    boolean isIgnored(Families.Member member) {
        Head head = member.head();
        return isIgnored(head.session(), head.firstMicros())
                || (!head.folder().isEmpty()
                        && rules.of(
                                        Optional.of(head.folder()),
                                        Optional.of(member.file().format().client()))
                                .isIgnored());
    }

    /// Whether a line is recorded.
    boolean holds(Line line, String client) {
        if (closed.contains(line.session()) || isIgnored(line.session(), Micros.of(line.at()))) {
            return false;
        }
        Object folder = line.columns().get("cwd");
        if (folder != null
                && rules.of(Optional.of(folder.toString()), Optional.of(client)).isIgnored()) {
            closed.add(line.session());
            return false;
        }
        return true;
    }

    private boolean isIgnored(String session, long micros) {
        return rules.isOptedOut(session)
                || known.of(session)
                        .filter(it -> it.is().equals(PrivacyClass.IGNORE.word()) && it.sinceMicros() <= micros)
                        .isPresent();
    }
}
