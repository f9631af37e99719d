package io.hypaware.project;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Where a call belongs: the conversation it extends or begins, and which of its messages are known there.
///
/// @param branch the history it was aligned with; empty if it begins a conversation
/// @param replaces whether it extends that history, rather than leaving it at an earlier point
public record Placement(Optional<Known> branch, Alignment alignment, boolean replaces) {

    /// A history that the call may belong to.
    ///
    /// @param id of the stored branch
    public record Known(long id, String conversation, History history) {}

    /// What the call says, as far as placing it needs.
    ///
    /// @param sessionKnown whether the client names a session; the branches are of that session then
    /// @param setup fingerprint of tools and system text
    /// @param retry whether the client says that it sends the request again
    /// @param summary whether the first message says that it stands for an earlier history
    public record Call(
            List<MessagePrint> messages,
            boolean sessionKnown,
            long startedMicros,
            String setup,
            boolean retry,
            boolean summary) {

        public Call {
            messages = List.copyOf(messages);
        }
    }

    /// Finds the history that a call extends, among those known of its session, or of anyone if it names none.
    public static Placement of(Call call, List<Known> branches) {
        Optional<Known> repeated =
                branches.stream().filter(b -> isRepeated(call, b.history())).findFirst();
        if (repeated.isPresent()) {
            return new Placement(repeated, Alignment.repeated(call.messages().size()), true);
        }
        Optional<Placement> extended = branches.stream()
                .map(b -> extending(call, b))
                .flatMap(Optional::stream)
                .max(Comparator.<Placement>comparingLong(p -> p.alignment().knownAnswers(call.messages()))
                        .thenComparingLong(p -> p.alignment().known()));
        if (extended.isPresent()) {
            return extended.get();
        }
        Alignment allNew = Alignment.of(new History(List.of(), 0, true, 0, "", 0), call.messages());
        Optional<Known> summarised = call.summary()
                ? branches.stream()
                        .filter(b -> b.history().setup().equals(call.setup()))
                        .findFirst()
                : Optional.empty();
        return new Placement(summarised, allNew, false);
    }

    private static Optional<Placement> extending(Call call, Known branch) {
        Alignment alignment = Alignment.of(branch.history(), call.messages());
        boolean knowsAnswer = alignment.knownAnswers(call.messages()) > 0;
        // A call that failed has no answer to be known by; what it asked is.
        boolean goesOnAfterFailure = !branch.history().answered()
                && branch.history().setup().equals(call.setup())
                && alignment.known() > 0
                && alignment.known() == branch.history().requestSize();
        if (!knowsAnswer && !goesOnAfterFailure) {
            return Optional.empty();
        }
        return Optional.of(new Placement(Optional.of(branch), alignment, holdsTip(branch.history(), alignment)));
    }

    /// Whether the request is the one before, sent again: nothing in it is new, only its answer will be.
    private static boolean isRepeated(Call call, History history) {
        int size = call.messages().size();
        if (size != history.requestSize() || size == 0 || !history.setup().equals(call.setup())) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (!history.entries().get(i).print().equals(call.messages().get(i))) {
                return false;
            }
        }
        if (!history.answered() || call.retry()) {
            return true;
        }
        // Answered and asked again: in one session it is the same turn; without one, somebody may just ask the same.
        return call.sessionKnown() && call.startedMicros() >= history.endedMicros();
    }

    /// Whether the newest known answer is among the matches; if not, the call leaves the history at an earlier point.
    private static boolean holdsTip(History history, Alignment alignment) {
        for (int i = history.entries().size() - 1; i >= 0; i--) {
            if (history.entries().get(i).print().isAssistant()) {
                for (int match : alignment.matches()) {
                    if (match == i) {
                        return true;
                    }
                }
                return false;
            }
        }
        return true;
    }
}
