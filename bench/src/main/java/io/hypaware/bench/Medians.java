package io.hypaware.bench;

import java.util.List;

/// What is told of measured values.
final class Medians {

    static double of(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private Medians() {}
}
