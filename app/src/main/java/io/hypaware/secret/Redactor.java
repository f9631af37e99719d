package io.hypaware.secret;

import java.util.List;

/// The one door through which texts leave: each secret in them is a mark that names its kind and its fingerprint.
public final class Redactor {

    /// Leaves texts as they are.
    public static final Redactor NONE = new Redactor();

    /// How far before and behind a piece of a text has to be known, so that no secret is cut by the piece's edges.
    public static final int MARGIN = SecretRule.LONGEST;

    private final boolean isOn;
    private final SecretFinder finder;
    private final Fingerprints fingerprints;

    public Redactor(SecretFinder finder, Fingerprints fingerprints) {
        this.isOn = true;
        this.finder = finder;
        this.fingerprints = fingerprints;
    }

    private Redactor() {
        this.isOn = false;
        this.finder = new SecretFinder();
        this.fingerprints = new Fingerprints(new byte[1]);
    }

    /// A text without its secrets.
    public String text(String text) {
        return piece(text, 0, text.length());
    }

    /// A piece of a text. A secret of which the piece has a part only is a mark, too, whole.
    public String piece(String text, int begin, int end) {
        if (!isOn) {
            return text.substring(begin, end);
        }
        List<Finding> found = finder.find(text);
        StringBuilder out = new StringBuilder();
        int at = begin;
        for (Finding finding : found) {
            if (finding.end() > begin && finding.begin() < end) {
                out.append(text, at, Math.max(at, finding.begin())).append(mark(finding));
                at = Math.min(end, finding.end());
            }
        }
        return out.append(text, at, end).toString();
    }

    private String mark(Finding finding) {
        return "[redacted:" + finding.rule() + ":" + fingerprints.of(finding) + "]";
    }
}
