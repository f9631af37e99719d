package io.hypaware.secret;

import java.util.List;
import java.util.function.Function;

/// A text and the secrets in it, for whoever shows pieces of it.
public final class Redacted {

    private final String text;
    private final List<Finding> findings;
    private final Function<Finding, String> mark;

    Redacted(String text, List<Finding> findings, Function<Finding, String> mark) {
        this.text = text;
        this.findings = findings;
        this.mark = mark;
    }

    public String whole() {
        return piece(0, text.length());
    }

    /// A piece of the text. A secret of which the piece has a part only is a mark, too, whole.
    public String piece(int begin, int end) {
        StringBuilder out = new StringBuilder();
        int at = begin;
        for (Finding finding : findings) {
            if (finding.end() > begin && finding.begin() < end) {
                out.append(text, at, Math.max(at, finding.begin())).append(mark.apply(finding));
                at = Math.min(end, finding.end());
            }
        }
        return out.append(text, at, end).toString();
    }
}
