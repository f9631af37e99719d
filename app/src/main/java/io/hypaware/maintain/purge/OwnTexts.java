package io.hypaware.maintain.purge;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// Texts of this program that stand in each home, whatever is recorded: a piece of what was said that is the same shows
/// nothing where it is found.
final class OwnTexts {

    private static final long MOST_BYTES = 1 << 20;

    private final String texts;

    private OwnTexts(String texts) {
        this.texts = texts;
    }

    /// @param root of the home
    static OwnTexts of(Path root, Cache cache, Journal journal) throws IOException {
        StringBuilder texts = new StringBuilder(journal.purges().schema());
        for (Path file : List.of(
                cache.own().resolve("gateway.id"),
                root.resolve("hypaware-prices.json"),
                root.resolve("hypaware-config.json"),
                cache.sessionHooks().resolveSibling("session.sh"))) {
            if (Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES) {
                texts.append('\n').append(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
            }
        }
        for (Dataset dataset : Datasets.all()) {
            texts.append('\n')
                    .append(dataset.name())
                    .append('\n')
                    .append(dataset.columns().stream().map(Column::name).collect(Collectors.joining("\n")));
        }
        return new OwnTexts(texts.toString());
    }

    List<String> without(List<String> pieces) {
        return pieces.stream().filter(piece -> !texts.contains(piece)).toList();
    }
}
