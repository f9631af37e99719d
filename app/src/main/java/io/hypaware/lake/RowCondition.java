package io.hypaware.lake;

import java.util.Collection;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;

/// What is true of a column's value in each row that is asked for.
///
/// @param values one, or several of which it is to be equal to one; as a [io.hypaware.dataset.Row] holds them
public record RowCondition(String column, Comparison comparison, List<Object> values) {

    /// How the column's value stands to the given one.
    public enum Comparison {
        EQUAL,
        LESS,
        AT_MOST,
        MORE,
        AT_LEAST;

        /// The same with the two sides in each other's place.
        public Comparison turned() {
            return switch (this) {
                case EQUAL -> EQUAL;
                case LESS -> MORE;
                case AT_MOST -> AT_LEAST;
                case MORE -> LESS;
                case AT_LEAST -> AT_MOST;
            };
        }
    }

    public RowCondition {
        values = List.copyOf(values);
        if (values.isEmpty() || (values.size() > 1 && comparison != Comparison.EQUAL)) {
            throw new IllegalArgumentException(column + " is compared with " + values.size() + " values");
        }
    }

    /// Rows of which all conditions of one of the lists are true.
    static Expression any(Schema schema, Collection<List<RowCondition>> wanted) {
        Expression any = Expressions.alwaysFalse();
        for (List<RowCondition> all : wanted) {
            Expression every = Expressions.alwaysTrue();
            for (RowCondition one : all) {
                every = Expressions.and(every, one.expression(schema));
            }
            any = Expressions.or(any, every);
        }
        return any;
    }

    /// A table that is older than the column tells nothing of it.
    private Expression expression(Schema schema) {
        return IcebergSchema.field(schema, column)
                .map(field -> of(field.name()))
                .orElse(Expressions.alwaysTrue());
    }

    private Expression of(String name) {
        Object value = values.getFirst();
        return switch (comparison) {
            case EQUAL -> Expressions.in(name, values.toArray());
            case LESS -> Expressions.lessThan(name, value);
            case AT_MOST -> Expressions.lessThanOrEqual(name, value);
            case MORE -> Expressions.greaterThan(name, value);
            case AT_LEAST -> Expressions.greaterThanOrEqual(name, value);
        };
    }
}
