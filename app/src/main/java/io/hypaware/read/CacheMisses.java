package io.hypaware.read;

import io.hypaware.read.Miss.Cause;
import io.hypaware.read.Prompt.Element;
import io.hypaware.read.Prompt.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Finds the calls of a session whose cache read fell or whose cache write jumped, and says why, by comparing each
/// with the call before it in the same conversation.
public final class CacheMisses {

    /// Providers cache whole blocks of tokens, so that a few less say nothing.
    private static final long TOLERATED_TOKENS = 64;

    private static final double TOLERATED_SHARE = 0.02;

    /// A write jumps when it is so much more than is usual in the session.
    private static final int JUMP = 5;

    private static final long JUMP_TOKENS = 10_000;

    /// More of the further differences are counted only.
    private static final int MOST_FURTHER = 10;

    private static final String MODEL = "the model";
    private static final String CACHE_KEY = "prompt_cache_key";
    private static final String BETAS = "the anthropic-beta header";

    /// Reads the request of a call.
    @FunctionalInterface
    public interface Prompts {
        Prompt of(SessionCall call) throws IOException;
    }

    private final Prompts prompts;
    private final Prices prices;

    public CacheMisses(Prompts prompts, Prices prices) {
        this.prompts = prompts;
        this.prices = prices;
    }

    /// @param calls of one session, in their order
    public List<Miss> find(List<SessionCall> calls) {
        List<SessionCall> answered = calls.stream()
                .filter(c -> c.isAnswered() && c.sideCall().isEmpty())
                .toList();
        long usualWrite = median(answered);
        Map<String, SessionCall> last = new HashMap<>();
        List<Miss> found = new ArrayList<>();
        Optional<SessionCall> any = Optional.empty();
        for (SessionCall call : answered) {
            SessionCall previous = last.put(call.conversation(), call);
            if (previous == null) {
                if (any.isPresent()
                        && call.tokens().cacheRead() < any.get().tokens().cacheRead()) {
                    found.add(ownConversation(call));
                }
            } else {
                compare(previous, call, usualWrite).ifPresent(found::add);
            }
            any = Optional.of(call);
        }
        return found;
    }

    /// The answered call before one in the same conversation; takes the place of it as the last.
    ///
    /// @param last of each conversation
    public static Optional<SessionCall> follows(Map<String, SessionCall> last, SessionCall call) {
        return call.isAnswered() && call.sideCall().isEmpty()
                ? Optional.ofNullable(last.put(call.conversation(), call))
                : Optional.empty();
    }

    /// Whether a call read less than the one before it in the same conversation had left in the cache.
    public static boolean isMiss(SessionCall previous, SessionCall call) {
        long cached = previous.cached();
        return cached - call.tokens().cacheRead() > TOLERATED_TOKENS + cached * TOLERATED_SHARE;
    }

    private Optional<Miss> compare(SessionCall previous, SessionCall call, long usualWrite) {
        long cached = previous.cached();
        long lost = cached - call.tokens().cacheRead();
        long write = call.tokens().cacheWrite();
        boolean jumped = write > JUMP_TOKENS && write > JUMP * usualWrite && cached > 0;
        try {
            if (isMiss(previous, call)) {
                return Optional.of(explain(previous, call, lost));
            }
            return jumped ? Optional.of(jumped(previous, call)) : Optional.empty();
        } catch (IOException e) {
            // Not recorded whole; the others are explained all the same.
            return Optional.of(new Miss(
                    call,
                    Optional.of(previous),
                    Optional.empty(),
                    lost > 0 ? Cause.UNEXPLAINED : Cause.NOT_A_MISS,
                    Optional.empty(),
                    Optional.empty(),
                    Math.max(0, lost),
                    call.caching().rewritten(Math.max(0, lost), call.tokens()),
                    Optional.empty(),
                    List.of(String.valueOf(e.getMessage()))));
        }
    }

    private Miss explain(SessionCall previous, SessionCall call, long lost) throws IOException {
        Prompt before = prompts.of(previous);
        Prompt now = prompts.of(call);
        List<Element> prefix = before.marked() == 0 ? before.elements() : before.cachedPrefix();
        int same = PromptDiff.commonPrefix(prefix, now.elements());
        Duration gap = Duration.between(previous.startedAt(), call.startedAt());
        boolean expired = gap.compareTo(before.timeToLive()) > 0;
        boolean betasDiffer = !betas(previous).equals(betas(call));
        List<String> notes = new ArrayList<>();
        Found found;
        if (!before.model().equals(now.model())) {
            found = new Found(
                    Cause.MODEL_CHANGED,
                    Optional.of(MODEL),
                    Optional.of(
                            new Snippet(before.model().orElse(""), now.model().orElse(""))));
            notes.add("each model has a cache of its own");
        } else if (same < prefix.size()) {
            found = difference(prefix, now.elements(), same);
            if (isReplaced(prefix, now, same)) {
                found = new Found(Cause.NOT_A_MISS, found.element(), found.snippet());
                notes.add("the history was replaced (a summary, or a part left out): what follows is new");
            }
        } else if (betasDiffer) {
            found = new Found(
                    Cause.BETA_HEADER_CHANGED,
                    Optional.of(BETAS),
                    Optional.of(new Snippet(previous.betas(), call.betas())));
        } else if (!before.cacheKey().equals(now.cacheKey())) {
            found = new Found(
                    Cause.CACHE_KEY_CHANGED,
                    Optional.of(CACHE_KEY),
                    Optional.of(new Snippet(
                            before.cacheKey().orElse(""), now.cacheKey().orElse(""))));
            notes.add("calls with another key may be sent to another machine, with a cache of its own");
        } else if (expired) {
            found = new Found(Cause.EXPIRED, Optional.empty(), Optional.empty());
        } else {
            found = new Found(Cause.UNEXPLAINED, Optional.empty(), Optional.empty());
            notes.add("the same prefix, in time: the request gives no reason; the provider may have dropped it");
        }
        if (betasDiffer && found.cause() != Cause.BETA_HEADER_CHANGED) {
            notes.add("the anthropic-beta header changed too, from \"%s\" to \"%s\": a hint, not a proof"
                    .formatted(previous.betas(), call.betas()));
        }
        notes.addAll(further(prefix, now, found));
        if (expired) {
            notes.add("%s after the call before, over the %s that %s"
                    .formatted(
                            text(gap),
                            text(before.timeToLive()),
                            call.caching() == Caching.MARKED
                                    ? "its marks ask for"
                                    : "the provider keeps a prefix at least"));
        }
        long rewritten = found.cause() == Cause.NOT_A_MISS ? 0 : call.caching().rewritten(lost, call.tokens());
        return new Miss(
                call,
                Optional.of(previous),
                Optional.of(prefix(prefix, previous)),
                found.cause(),
                found.element(),
                found.snippet(),
                found.cause() == Cause.NOT_A_MISS ? 0 : lost,
                rewritten,
                prices.rewriting(call.model().or(now::model), rewritten, before.timeToLive()),
                notes);
    }

    /// Every other difference within what was cached, in the order of the prompt.
    private static List<String> further(List<Element> prefix, Prompt now, Found found) {
        if (found.cause() == Cause.NOT_A_MISS) {
            return List.of();
        }
        Prompt cached = new Prompt(now.model(), prefix, prefix.size(), now.timeToLive(), now.cacheKey());
        int end = Math.min(now.elements().size(), prefix.size() + MOST_FURTHER);
        Prompt same = new Prompt(now.model(), now.elements().subList(0, end), 0, now.timeToLive(), now.cacheKey());
        List<String> others = PromptDiff.of(cached, same).changes().stream()
                .filter(change ->
                        found.element().filter(change.element().name()::equals).isEmpty())
                // What follows the cached part is new, and no difference.
                .filter(change -> !(change instanceof PromptDiff.Change.Added
                        && change.element().kind() == Kind.MESSAGE))
                .map(CacheMisses::name)
                .toList();
        if (others.isEmpty()) {
            return List.of();
        }
        String shown = String.join(", ", others.subList(0, Math.min(others.size(), MOST_FURTHER)));
        return List.of("also different: " + shown
                + (others.size() > MOST_FURTHER ? " and " + (others.size() - MOST_FURTHER) + " more" : ""));
    }

    private static String name(PromptDiff.Change change) {
        return switch (change) {
            case PromptDiff.Change.Added(Element element) -> element.name() + " (added)";
            case PromptDiff.Change.Removed(Element element) -> element.name() + " (removed)";
            case PromptDiff.Change.Edited(Element _, Element element, Snippet _) -> element.name() + " (changed)";
        };
    }

    /// What is found first, from the first element on.
    private record Found(Cause cause, Optional<String> element, Optional<Snippet> snippet) {}

    private static Found difference(List<Element> prefix, List<Element> now, int at) {
        Element old = prefix.get(at);
        Optional<Element> next = at < now.size() ? Optional.of(now.get(at)) : Optional.empty();
        Optional<Snippet> edit = next.map(n -> Snippet.of(old.text(), n.text()));
        return switch (old.kind()) {
            case TOOL -> tool(prefix, now, old, next);
            case SYSTEM ->
                next.filter(n -> n.kind() == Kind.TOOL).isPresent()
                        ? new Found(Cause.TOOL_ADDED, next.map(Element::name), Optional.empty())
                        : new Found(
                                Cause.SYSTEM_CHANGED,
                                Optional.of(old.name()),
                                next.filter(n -> n.kind() == Kind.SYSTEM).flatMap(_ -> edit));
            case MESSAGE ->
                next.filter(n -> n.kind() != Kind.MESSAGE).isPresent()
                        ? new Found(
                                next.get().kind() == Kind.TOOL ? Cause.TOOL_ADDED : Cause.SYSTEM_CHANGED,
                                next.map(Element::name),
                                Optional.empty())
                        : message(prefix, now, at, edit);
        };
    }

    private static Found tool(List<Element> prefix, List<Element> now, Element old, Optional<Element> next) {
        Set<String> before = names(prefix);
        Set<String> after = names(now);
        Optional<Element> sameName = now.stream()
                .filter(e -> e.kind() == Kind.TOOL && e.key().equals(old.key()))
                .findFirst();
        if (sameName.isPresent() && !sameName.get().hash().equals(old.hash())) {
            return new Found(
                    Cause.TOOL_CHANGED,
                    Optional.of(old.name()),
                    Optional.of(Snippet.of(old.text(), sameName.get().text())));
        }
        if (!after.contains(old.key())) {
            return new Found(Cause.TOOL_REMOVED, Optional.of(old.name()), Optional.empty());
        }
        if (next.filter(n -> n.kind() == Kind.TOOL && !before.contains(n.key())).isPresent()) {
            return new Found(Cause.TOOL_ADDED, next.map(Element::name), Optional.empty());
        }
        return new Found(Cause.TOOLS_REORDERED, next.map(Element::name), Optional.empty());
    }

    private static Set<String> names(List<Element> elements) {
        Set<String> names = new HashSet<>();
        elements.stream().filter(e -> e.kind() == Kind.TOOL).forEach(e -> names.add(e.key()));
        return names;
    }

    private static Found message(List<Element> prefix, List<Element> now, int at, Optional<Snippet> edit) {
        Element old = prefix.get(at);
        if (at >= now.size()) {
            return new Found(Cause.HISTORY_REMOVED, Optional.of(old.name()), Optional.empty());
        }
        // Where the old element comes later, something was put before it; where the new one stood later, something
        // went.
        boolean oldComesLater = indexOf(now, old.hash(), at) >= 0;
        boolean newStoodLater = indexOf(prefix, now.get(at).hash(), at) >= 0;
        if (oldComesLater && !newStoodLater) {
            return new Found(Cause.HISTORY_INSERTED, Optional.of(now.get(at).name()), Optional.empty());
        }
        if (newStoodLater && !oldComesLater) {
            return new Found(Cause.HISTORY_REMOVED, Optional.of(old.name()), Optional.empty());
        }
        return new Found(Cause.HISTORY_EDITED, Optional.of(old.name()), edit);
    }

    private static int indexOf(List<Element> elements, String hash, int from) {
        for (int i = from; i < elements.size(); i++) {
            if (elements.get(i).hash().equals(hash)) {
                return i;
            }
        }
        return -1;
    }

    /// Whether nothing of the old history follows the difference, and there was more than one element of it: then
    /// nothing is written twice. A tool or system block that changed makes all that follows be written again.
    private static boolean isReplaced(List<Element> prefix, Prompt now, int at) {
        if (prefix.get(at).kind() != Kind.MESSAGE) {
            return false;
        }
        List<Element> rest = prefix.subList(at, prefix.size());
        Set<String> hashes = new HashSet<>();
        now.elements().subList(at, now.elements().size()).forEach(e -> hashes.add(e.hash()));
        boolean anyLeft = rest.stream().anyMatch(e -> hashes.contains(e.hash()));
        return !anyLeft && rest.size() > 2 && now.elements().size() < prefix.size();
    }

    private static Miss.Prefix prefix(List<Element> prefix, SessionCall call) {
        return new Miss.Prefix(
                count(prefix, Kind.TOOL),
                count(prefix, Kind.SYSTEM),
                (int) prefix.stream()
                        .filter(e -> e.kind() == Kind.MESSAGE)
                        .mapToInt(Element::index)
                        .distinct()
                        .count(),
                call.cached());
    }

    private static int count(List<Element> elements, Kind kind) {
        return (int) elements.stream().filter(e -> e.kind() == kind).count();
    }

    /// A large write with nothing lost: there is much that is new.
    private Miss jumped(SessionCall previous, SessionCall call) throws IOException {
        Prompt before = prompts.of(previous);
        Prompt now = prompts.of(call);
        Set<String> known = new HashSet<>();
        before.elements().forEach(e -> known.add(e.hash()));
        Optional<Element> largest = now.elements().stream()
                .filter(e -> !known.contains(e.hash()))
                .max(Comparator.comparingLong(Element::bytes));
        return new Miss(
                call,
                Optional.of(previous),
                Optional.empty(),
                Cause.NOT_A_MISS,
                largest.map(Element::name),
                Optional.empty(),
                0,
                0,
                Optional.empty(),
                List.of("all that was cached was read; what was written is new"));
    }

    private static Miss ownConversation(SessionCall call) {
        return new Miss(
                call,
                Optional.empty(),
                Optional.empty(),
                Cause.NOT_A_MISS,
                Optional.empty(),
                Optional.empty(),
                0,
                0,
                Optional.empty(),
                List.of("it begins a conversation of its own, which has nothing cached yet"));
    }

    private static Set<String> betas(SessionCall call) {
        Set<String> betas = new TreeSet<>();
        Arrays.stream(call.betas().split(",", -1))
                .map(String::strip)
                .filter(b -> !b.isEmpty())
                .forEach(betas::add);
        return betas;
    }

    private static long median(List<SessionCall> calls) {
        long[] writes =
                calls.stream().mapToLong(c -> c.tokens().cacheWrite()).sorted().toArray();
        return writes.length == 0 ? 0 : writes[writes.length / 2];
    }

    static String text(Duration duration) {
        long seconds = duration.toSeconds();
        return seconds < 120
                ? seconds + " s"
                : seconds < 7_200 ? seconds / 60 + " min" : seconds / 3_600 + " h " + seconds % 3_600 / 60 + " min";
    }
}
