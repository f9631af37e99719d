package io.hypaware.cli;

import io.hypaware.query.OutputFormat;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// What commands that list records can be told.
final class ListOptions {

    @Option(names = "--limit", description = "Most that are listed; default 20.")
    private int limit = 20;

    @Option(names = "--format", description = "${COMPLETION-CANDIDATES}; default table.")
    private OutputFormat format = OutputFormat.TABLE;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /// What is listed, and how.
    record Wanted(int most, OutputFormat format) {

        /// Whether a table is asked for, in which only so much has room.
        boolean isNarrow() {
            return format == OutputFormat.TABLE;
        }
    }

    Wanted wanted() {
        return new Wanted(limit(), format);
    }

    private int limit() {
        Bounds.from(1).check(spec, "--limit", limit);
        return limit;
    }
}
