package io.hypaware.cli;

import io.hypaware.query.OutputFormat;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

    int limit() {
        if (limit < 1) {
            throw new ParameterException(spec.commandLine(), "--limit is a number from 1");
        }
        return limit;
    }

    OutputFormat format() {
        return format;
    }

    /// Whether a table is asked for, in which only so much has room.
    boolean isNarrow() {
        return format == OutputFormat.TABLE;
    }
}
