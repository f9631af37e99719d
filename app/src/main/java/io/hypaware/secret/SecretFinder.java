package io.hypaware.secret;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Finds what looks like a secret in a text, as it stands and behind escapes and colours, in time that grows with its
/// length
/// and no faster. Of one thread at a time.
public final class SecretFinder {

    /// Read with the first text that is looked at: most commands look at none.
    private static final class Rules {

        private static final Anchors ANCHORS = Anchors.of(SecretRules.ALL);

        private Rules() {}
    }

    /// A text within JSON within JSON.
    private static final int MOST_LAYERS = 3;

    /// Characters that are unwrapped at a time, so that a text of any length takes the same memory.
    private static final int WINDOW = 1 << 19;

    /// Windows overlap by that, so that each secret is whole in one.
    private static final int OVERLAP = 2 * SecretRule.LONGEST;

    /// Numbers before lines, as tools that read files write them, and quotes around them.
    private static final Pattern LINE_NUMBER = Pattern.compile("(?m)^\\s{0,20}(?:\\d{1,6}\\s{0,4}[→|:>\\t])?");

    /// What stands for a secret is none.
    private static final Pattern MARK = Pattern.compile("\\[redacted:([a-z0-9-]{3,40}):([0-9a-f]{12})\\]");

    private static final int LONGEST_MARK = 70;

    private static final int MOST_MARKS = 1_000;

    private static final Pattern NOT_ENCODED = Pattern.compile("[^A-Za-z0-9+/=]");

    private final Predicate<String> allowed;

    /// @param allowed secrets that the user has said are none
    public SecretFinder(Predicate<String> allowed) {
        this.allowed = allowed;
    }

    public SecretFinder() {
        this(_ -> false);
    }

    /// How many kinds there are.
    public static long kinds() {
        return SecretRules.ALL.stream().map(SecretRule::name).distinct().count();
    }

    private record Candidate(SecretRule rule, int layer, Finding finding) {}

    /// What stands for a secret that was left out.
    public record Mark(String rule, String fingerprint) {}

    /// The marks in a text, each once.
    public static Set<Mark> marks(String text) {
        if (!text.contains("[redacted:")) {
            return Set.of();
        }
        return MARK.matcher(text)
                .results()
                .limit(MOST_MARKS)
                .map(mark -> new Mark(mark.group(1), mark.group(2)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /// Finds secrets, in the order in which they stand; no two overlap.
    public List<Finding> find(String text) {
        List<Candidate> found = new ArrayList<>();
        for (int begin = 0; begin == 0 || begin + OVERLAP < text.length(); begin += WINDOW - OVERLAP) {
            window(text, begin, Math.min(text.length(), begin + WINDOW), found);
        }
        return apart(found);
    }

    private void window(String text, int begin, int end, List<Candidate> found) {
        layer(0, text, begin, end, found);
        Optional<Unwrapped> unwrapped = Unwrapped.isWrapped(text, begin, end)
                ? Unwrapped.of(text, begin, end).further()
                : Optional.empty();
        for (int layer = 1; layer <= MOST_LAYERS && unwrapped.isPresent(); layer++) {
            Unwrapped one = unwrapped.get();
            int from = found.size();
            layer(layer, one.text(), 0, one.text().length(), found);
            found.subList(from, found.size())
                    .replaceAll(candidate ->
                            new Candidate(candidate.rule, candidate.layer, one.whereItStood(candidate.finding)));
            unwrapped = one.further();
        }
    }

    private void layer(int layer, String text, int begin, int end, List<Candidate> found) {
        Map<SecretRule, Matcher> matchers = new HashMap<>();
        int[] done = new int[SecretRules.ALL.size()];
        Rules.ANCHORS.visit(text, begin, end, (rule, anchor) -> {
            int at = anchor - rule.back();
            if (at < Math.max(begin, done[rule.rank()]) || !mayBegin(rule, text, at)) {
                return;
            }
            Matcher matcher = matchers.computeIfAbsent(
                    rule,
                    one -> one.pattern()
                            .get()
                            .matcher(text)
                            .useTransparentBounds(true)
                            .useAnchoringBounds(false));
            matcher.region(at, Math.min(end, at + SecretRule.LONGEST));
            if (matcher.lookingAt()) {
                done[rule.rank()] = matcher.end();
                if (isOfMark(text, rule.begin(matcher), rule.end(matcher))) {
                    return;
                }
                secret(rule, matcher)
                        .ifPresent(secret -> found.add(new Candidate(
                                rule,
                                layer,
                                new Finding(rule.name(), rule.begin(matcher), rule.end(matcher), secret))));
            }
        });
    }

    /// A form of its own does not begin within a word; a name may.
    private static boolean mayBegin(SecretRule rule, String text, int at) {
        return rule.isNamed() || at == 0 || !isOfWord(text.charAt(at)) || !isOfWord(text.charAt(at - 1));
    }

    private static boolean isOfWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /// Where a mark may begin that a place is in; -1 for nowhere.
    private static int mark(String text, int at) {
        for (int i = at; i >= Math.max(0, at - LONGEST_MARK); i--) {
            if (text.startsWith("[redacted:", i)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isOfMark(String text, int begin, int end) {
        int mark = mark(text, begin);
        if (mark < 0) {
            return false;
        }
        Matcher matcher = MARK.matcher(text).region(mark, Math.min(text.length(), mark + LONGEST_MARK));
        return matcher.lookingAt() && matcher.end() >= end;
    }

    private Optional<String> secret(SecretRule rule, Matcher match) {
        String stands = rule.secret(match);
        String secret = rule.isOfLines()
                ? NOT_ENCODED
                        .matcher(LINE_NUMBER.matcher(stands).replaceAll(""))
                        .replaceAll("")
                : stands;
        boolean isOne = Entropy.of(secret) >= rule.leastEntropy()
                && !Harmless.is(rule, rule.restOfName(match), secret)
                && !allowed.test(secret);
        return isOne ? Optional.of(secret) : Optional.empty();
    }

    /// Where some overlap, one with all that they cover: of the first rule, as it is without escapes.
    private static List<Finding> apart(List<Candidate> found) {
        found.sort(Comparator.comparingInt(candidate -> candidate.finding.begin()));
        List<Finding> apart = new ArrayList<>();
        int i = 0;
        while (i < found.size()) {
            Candidate best = found.get(i);
            int begin = best.finding.begin();
            int end = best.finding.end();
            for (i++; i < found.size() && found.get(i).finding.begin() < end; i++) {
                Candidate other = found.get(i);
                end = Math.max(end, other.finding.end());
                best = BEST.compare(other, best) < 0 ? other : best;
            }
            apart.add(new Finding(best.rule.name(), begin, end, best.finding.secret()));
        }
        return apart;
    }

    private static final Comparator<Candidate> BEST = Comparator.comparingInt(
                    (Candidate candidate) -> candidate.rule.rank())
            .thenComparing(Comparator.comparingInt((Candidate candidate) -> candidate.layer)
                    .reversed())
            // One that a window cut is in the next one whole.
            .thenComparing(Comparator.comparingInt(
                            (Candidate candidate) -> candidate.finding.secret().length())
                    .reversed());
}
