package io.hypaware.bench.report;

/// One thing that a bench says.
public sealed interface Entry permits Figure, Note, Table {}
