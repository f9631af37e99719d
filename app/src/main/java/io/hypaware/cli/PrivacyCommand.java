package io.hypaware.cli;

import picocli.CommandLine.Command;

@Command(
        name = "privacy",
        description = "What is recorded of which folder, what is taken back, and which secrets went out.",
        mixinStandardHelpOptions = true,
        subcommands = {})
final class PrivacyCommand {}
