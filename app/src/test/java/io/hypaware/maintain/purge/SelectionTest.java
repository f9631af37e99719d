package io.hypaware.maintain.purge;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.journal.Purges;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SelectionTest {

    static Stream<Selection> selections() {
        return Stream.of(
                new Selection.Session("s"),
                new Selection.Folder(List.of(Path.of("/work"))),
                new Selection.Folder(List.of(Path.of("/a\nb"), Path.of("/c d/e\n"), Path.of("/f"))),
                new Selection.Before(Instant.parse("2026-03-01T00:00:00Z")),
                new Selection.Matching("a\nb"),
                new Selection.All());
    }

    @ParameterizedTest
    @MethodSource("selections")
    void anOrderMeansWhatWasAskedFor(Selection selection) {
        assertThat(Selection.of(new Purges.Order(
                        1, selection.kind(), selection.argument(), Instant.EPOCH, OptionalLong.empty())))
                .isEqualTo(selection);
    }
}
