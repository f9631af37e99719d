package io.hypaware.cli;

/// A command that is found by `META-INF/services`, beside those that [Hyp] names: a class with
/// picocli's `@Command`. See docs/contributing.md.
public interface Subcommand {}
