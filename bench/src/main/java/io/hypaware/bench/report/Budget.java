package io.hypaware.bench.report;

/// What a figure must keep to.
public record Budget(Bound bound, double limit) {

    /// How a figure stands to its limit.
    public enum Bound {
        AT_MOST("<= "),
        AT_LEAST(">= "),
        EXACTLY("");

        private final String sign;

        Bound(String sign) {
            this.sign = sign;
        }

        String sign() {
            return sign;
        }
    }

    boolean isHeldBy(double measured) {
        return switch (bound) {
            case AT_MOST -> measured <= limit;
            case AT_LEAST -> measured >= limit;
            case EXACTLY -> measured == limit;
        };
    }
}
