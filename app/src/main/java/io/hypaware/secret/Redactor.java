package io.hypaware.secret;

import java.util.List;

/// The one door through which texts leave: each secret in them is a mark that names its kind and its fingerprint.
/// Of one thread at a time.
public final class Redactor {

    /// Leaves texts as they are.
    public static final Redactor NONE = new Redactor(false, new SecretFinder(), new Fingerprints(new byte[1]));

    /// How far before a piece of a text has to be known, so that a secret which begins there is seen.
    public static final int BEFORE = SecretRule.LONGEST;

    /// How far behind it, so that one which goes on there is known by its beginning.
    public static final int BEHIND = 4_000;

    private final boolean isOn;
    private final SecretFinder finder;
    private final Fingerprints fingerprints;

    Redactor(SecretFinder finder, Fingerprints fingerprints) {
        this(true, finder, fingerprints);
    }

    private Redactor(boolean isOn, SecretFinder finder, Fingerprints fingerprints) {
        this.isOn = isOn;
        this.finder = finder;
        this.fingerprints = fingerprints;
    }

    /// Whether there is anything that it would leave out.
    public boolean isOn() {
        return isOn;
    }

    public Redacted of(String text) {
        return new Redacted(text, findings(text), this::mark);
    }

    List<Finding> findings(String text) {
        return isOn ? finder.find(text) : List.of();
    }

    /// A text without its secrets.
    public String text(String text) {
        return of(text).whole();
    }

    /// The beginning of a text of which more is known; no character is halved.
    public String beginning(String text, int most) {
        int end = Math.min(most, text.length());
        boolean isHalf = end > 0 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1));
        return of(text).piece(0, isHalf ? end - 1 : end);
    }

    /// A text that was cut before it came here: the words at its edges may be parts of secrets.
    public String cut(String text, boolean atBegin, boolean atEnd) {
        if (!isOn) {
            return text;
        }
        String whole = atBegin
                ? text.replaceFirst("^\\S*+(?:\\s{1,9}[=:>]*+\\S*+|\\s{1,9}[A-Za-z0-9+/=]{24,}+)?+", "…")
                : text;
        return text(atEnd ? whole.substring(0, endOfWord(whole)) + "…" : whole);
    }

    /// Where the last word begins.
    private static int endOfWord(String text) {
        int end = text.length();
        while (end > 0 && !Character.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    /// What stands for a secret.
    String mark(Finding finding) {
        return "[redacted:" + finding.rule() + ":" + fingerprints.of(finding) + "]";
    }
}
