package io.hypaware.dataset;

import java.util.List;

/// Declares datasets beside what writes them; [Datasets] finds the implementations, see docs/contributing.md.
public interface DatasetProvider {
    List<Dataset> datasets();
}
