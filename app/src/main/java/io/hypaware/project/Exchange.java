package io.hypaware.project;

import io.hypaware.journal.CapturedExchange;
import java.io.InputStream;
import java.util.function.Supplier;

/// A captured exchange with its bodies, each of which can be read as often as needed.
public record Exchange(CapturedExchange captured, Supplier<InputStream> request, Supplier<InputStream> response) {}
