package io.hypaware.dataset;

import java.util.List;

/// Declares datasets beside what writes them; [Datasets] finds the implementations, see docs/contributing.md.
public interface DatasetProvider {
    List<Dataset> datasets();

    /// Those of the datasets that hold what is learned of others' rows.
    default List<Facts> facts() {
        return List.of();
    }
}
