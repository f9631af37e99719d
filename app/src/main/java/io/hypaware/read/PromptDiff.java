package io.hypaware.read;

import com.github.difflib.DiffUtils;
import com.github.difflib.patch.AbstractDelta;
import io.hypaware.read.Prompt.Element;
import io.hypaware.read.Prompt.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How one request differs from another, element by element, in the order in which providers cache them.
///
/// @param modelChanged both models, if they differ
/// @param changes in order
/// @param firstDifference how many elements are equal from the first on
public record PromptDiff(
        Optional<Snippet> modelChanged, List<Change> changes, int firstDifference, int before, int after) {

    /// What happened to an element.
    public sealed interface Change {

        /// The element that it is about.
        Element element();

        record Added(Element element) implements Change {}

        record Removed(Element element) implements Change {}

        /// The same element with other content.
        record Edited(Element old, Element element, Snippet snippet) implements Change {}
    }

    public PromptDiff {
        changes = List.copyOf(changes);
    }

    public static PromptDiff of(Prompt first, Prompt second) {
        List<String> old = first.elements().stream().map(Element::hash).toList();
        List<String> now = second.elements().stream().map(Element::hash).toList();
        List<Change> changes = new ArrayList<>();
        for (AbstractDelta<String> delta : DiffUtils.diff(old, now).getDeltas()) {
            int from = delta.getSource().getPosition();
            int to = delta.getTarget().getPosition();
            pair(
                    first.elements().subList(from, from + delta.getSource().size()),
                    second.elements().subList(to, to + delta.getTarget().size()),
                    changes);
        }
        String before = first.model().orElse("");
        String after = second.model().orElse("");
        return new PromptDiff(
                before.equals(after) ? Optional.empty() : Optional.of(new Snippet(before, after)),
                changes,
                commonPrefix(first.elements(), second.elements()),
                old.size(),
                now.size());
    }

    /// Changes of one kind of element.
    public List<Change> of(Kind kind) {
        return changes.stream().filter(c -> c.element().kind() == kind).toList();
    }

    static int commonPrefix(List<Element> first, List<Element> second) {
        int i = 0;
        while (i < first.size()
                && i < second.size()
                && first.get(i).hash().equals(second.get(i).hash())) {
            i++;
        }
        return i;
    }

    /// Elements in the same place that are of the same kind and name were edited; the others went or came.
    private static void pair(List<Element> old, List<Element> now, List<Change> changes) {
        List<Element> left = new ArrayList<>(old);
        List<Change> found = new ArrayList<>();
        for (Element element : now) {
            Optional<Element> match = left.stream()
                    .filter(e -> e.kind() == element.kind() && e.key().equals(element.key()))
                    .findFirst();
            if (match.isPresent()) {
                left.remove(match.get());
                found.add(new Change.Edited(
                        match.get(), element, Snippet.of(match.get().text(), element.text())));
            } else {
                found.add(new Change.Added(element));
            }
        }
        left.forEach(element -> changes.add(new Change.Removed(element)));
        changes.addAll(found);
    }
}
