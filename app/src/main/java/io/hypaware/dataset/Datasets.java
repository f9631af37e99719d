package io.hypaware.dataset;

import static io.hypaware.dataset.Column.optional;
import static io.hypaware.dataset.Column.required;
import static io.hypaware.dataset.ColumnType.BINARY;
import static io.hypaware.dataset.ColumnType.JSON;
import static io.hypaware.dataset.ColumnType.LONG;
import static io.hypaware.dataset.ColumnType.STRING;
import static io.hypaware.dataset.ColumnType.TIMESTAMP;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/// The register of datasets. Each is declared beside what writes it. Names and meanings are a contract with users'
/// queries: add, never rename.
public final class Datasets {

    /// Values of payload columns up to this many bytes stay in their row.
    public static final int PAYLOAD_INLINE_BYTES = 1024;

    /// Each distinct large value once: `text`, or `bytes`, or `parts` that make it up, one after the other: an array
    /// of texts (`=...`) and hashes of other payloads (`#...`).
    public static final Dataset PAYLOADS = new Dataset(
            "payloads",
            "first_seen_at",
            // What is new at the same time is alike, and is read together.
            List.of("first_seen_at"),
            List.of(
                    required("hash", STRING),
                    required("size", LONG),
                    optional("text", STRING),
                    optional("bytes", BINARY),
                    required("first_seen_at", TIMESTAMP),
                    required("last_seen_at", TIMESTAMP),
                    optional("parts", JSON)));

    /// Every dataset there is. Payloads come first, so that no committed row refers to one that is not there.
    public static List<Dataset> all() {
        return Register.ALL;
    }

    public static Optional<Dataset> named(String name) {
        return all().stream().filter(d -> d.name().equals(name)).findFirst();
    }

    /// What completes the rows of a dataset, if anything does.
    public static Optional<Facts> factsAbout(Dataset dataset) {
        return Register.FACTS.stream()
                .filter(facts -> facts.about().equals(dataset))
                .findFirst();
    }

    /// The dataset whose rows a dataset of facts completes; nothing, if it is none.
    public static Optional<Dataset> aboutOf(Dataset dataset) {
        return Register.FACTS.stream()
                .filter(facts -> facts.dataset().equals(dataset))
                .map(Facts::about)
                .findFirst();
    }

    /// What completes other datasets.
    public static List<Facts> facts() {
        return Register.FACTS;
    }

    /// Read when first asked for.
    private static final class Register {

        private static final List<DatasetProvider> PROVIDERS =
                ServiceLoader.load(DatasetProvider.class, Datasets.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();

        private static final List<Dataset> ALL = read();
        private static final List<Facts> FACTS = PROVIDERS.stream()
                .flatMap(provider -> provider.facts().stream())
                .toList();

        private static List<Dataset> read() {
            Map<String, Dataset> found = new LinkedHashMap<>();
            found.put(PAYLOADS.name(), PAYLOADS);
            for (DatasetProvider provider : PROVIDERS) {
                for (Dataset dataset : provider.datasets()) {
                    if (found.putIfAbsent(dataset.name(), dataset) != null) {
                        throw new IllegalStateException("two datasets are called " + dataset.name());
                    }
                }
            }
            return List.copyOf(found.values());
        }
    }

    private Datasets() {}
}
