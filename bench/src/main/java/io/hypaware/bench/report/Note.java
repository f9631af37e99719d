package io.hypaware.bench.report;

/// What has to be known to read the figures: what was left out, or done otherwise.
public record Note(String text) implements Entry {}
