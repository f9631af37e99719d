package io.hypaware.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// What a number of the command line may be.
record Bounds(long least, long most) {

    static Bounds from(long least) {
        return new Bounds(least, Long.MAX_VALUE);
    }

    /// @param option in the user's words
    /// @throws ParameterException if it is something else; the message says what it is and what is expected
    void check(CommandSpec spec, String option, long number) {
        if (number < least || number > most) {
            throw new ParameterException(
                    spec.commandLine(),
                    "%s is %d; expected a number from %d".formatted(option, number, least)
                            + (most == Long.MAX_VALUE ? " on" : " to " + most));
        }
    }
}
