package io.hypaware.bench.report;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;

/// One measured value, and what it must keep to where something is asked of it.
///
/// @param unit empty where a count or a ratio has none
public record Figure(String what, double measured, String unit, Optional<Budget> budget) implements Entry {

    public Figure {
        if (!Double.isFinite(measured)) {
            throw new IllegalArgumentException(what + " is no number: " + measured);
        }
    }

    /// Where nothing is asked of it, nothing is missed.
    public boolean isMissed() {
        return budget.filter(asked -> !asked.isHeldBy(measured)).isPresent();
    }

    /// `held`, `MISSED`, or nothing.
    public String verdict() {
        return budget.map(_ -> isMissed() ? "MISSED" : "held").orElse("");
    }

    public String measuredText() {
        return number(measured) + suffix();
    }

    public String budgetText() {
        return budget.map(asked -> asked.bound().sign() + limit(asked.limit()) + suffix())
                .orElse("");
    }

    private String suffix() {
        return unit.isEmpty() || unit.equals("%") ? unit : " " + unit;
    }

    /// As it was decided, with all of its digits.
    private static String limit(double value) {
        return value == Math.rint(value)
                ? number(value)
                : BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    /// With about three digits that count; whole numbers as they are.
    public static String number(double value) {
        double size = Math.abs(value);
        if (value == Math.rint(value) || size >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        int digits = size >= 10 ? 1 : size >= 0.1 ? 2 : size >= 0.01 ? 3 : 4;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
