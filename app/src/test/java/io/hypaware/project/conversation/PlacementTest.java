package io.hypaware.project.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Which branch a call extends. Most branches are not read for that; the choice is the same as if all were.
class PlacementTest {

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @Test
    void theBestBranchIsFoundWithoutReadingTheOthers() {
        for (int i = 0; i < 3_000; i++) {
            List<Placement.Known> branches = new ArrayList<>();
            for (int branch = 0; branch < 1 + random.nextInt(6); branch++) {
                branches.add(new Placement.Known(branch + 1, "c", history().toBytes()));
            }
            Placement.Request request = request();

            Placement placed = Placement.of(request, branches);

            assertThat(placed.branch().map(Placement.Known::id))
                    .as("seed %d, round %d: %s in %s", seed, i, request, branches)
                    .isEqualTo(exhaustive(request, branches).map(Placement.Known::id));
        }
    }

    /// A history of before the keys were stored is its JSON.
    @Test
    void olderHistoriesAreRead() {
        String older = """
                {"entries": [{"id": "m0", "print": {"role": "user", "blocks": ["a"]}, "parts": 1},
                  {"id": "m1", "print": {"role": "assistant", "blocks": ["b"]}, "parts": 1}],
                 "requestSize": 1, "answered": true, "endedMicros": 5, "setup": "s", "startedMicros": 1}""";
        Placement.Request request = new Placement.Request(
                List.of(print("user", "a"), print("assistant", "b"), print("user", "c")),
                true,
                Optional.empty(),
                9,
                "s",
                false,
                false,
                false);

        Placement placed =
                Placement.of(request, List.of(new Placement.Known(7, "c", older.getBytes(StandardCharsets.UTF_8))));

        assertThat(placed.branch().map(Placement.Known::id)).contains(7L);
        assertThat(placed.alignment().matches()).containsExactly(0, 1, Alignment.NEW);
    }

    private static Optional<Placement.Known> exhaustive(Placement.Request request, List<Placement.Known> branches) {
        List<Placement> alone =
                branches.stream().map(b -> Placement.of(request, List.of(b))).toList();
        Optional<Placement> repeated = alone.stream()
                .filter(p -> p.branch().isPresent() && isRepeated(request, p))
                .findFirst();
        return repeated.or(() -> alone.stream()
                        .filter(p -> p.branch().isPresent())
                        .max(Comparator.<Placement>comparingLong(
                                        p -> p.alignment().knownAnswers(request.messages()))
                                .thenComparingLong(p -> p.alignment().known())
                                .thenComparing(Placement::replaces)))
                .flatMap(Placement::branch);
    }

    private static boolean isRepeated(Placement.Request request, Placement placement) {
        History history = placement.branch().orElseThrow().history();
        int size = request.messages().size();
        return history.requestSize() == size
                && history.setup().equals(request.setup())
                && history.entries().subList(0, size).stream()
                        .map(History.Entry::print)
                        .toList()
                        .equals(request.messages())
                && (!history.answered() || request.startedMicros() >= history.endedMicros());
    }

    private History history() {
        List<History.Entry> entries = new ArrayList<>();
        int size = 1 + random.nextInt(7);
        for (int i = 0; i < size; i++) {
            entries.add(new History.Entry("m" + i, message(i), 1));
        }
        boolean answered = random.nextInt(4) > 0;
        return new History(entries, Math.max(1, size - random.nextInt(2)), answered, random.nextInt(10), "s", 0);
    }

    private Placement.Request request() {
        List<MessagePrint> messages = new ArrayList<>();
        int size = 1 + random.nextInt(8);
        for (int i = 0; i < size; i++) {
            messages.add(message(i));
        }
        return new Placement.Request(messages, true, Optional.empty(), random.nextInt(10), "s", false, false, false);
    }

    /// Of few words, so that histories have much in common.
    private MessagePrint message(int place) {
        String role = place % 2 == 0 || random.nextInt(8) == 0 ? "user" : "assistant";
        List<String> blocks = new ArrayList<>();
        int count = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            blocks.add(
                    switch (random.nextInt(4)) {
                        case 0 -> (role.equals("user") ? "tool_result:" : "tool_use:") + random.nextInt(3);
                        case 1 -> MessagePrint.ofResult("tool_result:" + random.nextInt(3), "r" + random.nextInt(2));
                        default -> "word" + random.nextInt(5);
                    });
        }
        return new MessagePrint(role, blocks);
    }

    private static MessagePrint print(String role, String block) {
        return new MessagePrint(role, List.of(block));
    }
}
