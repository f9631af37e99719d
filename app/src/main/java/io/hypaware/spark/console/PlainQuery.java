package io.hypaware.spark.console;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Set;

/// A user's statement, parsed by Spark's own parser and looked through: it is a query over views, and what runs is what
/// was looked at. What is not known to be harmless is refused.
final class PlainQuery {

    private static final String PLANS = "org.apache.spark.sql.catalyst.plans.logical.LogicalPlan";

    /// What only computes.
    private static final Set<String> KNOWN = Set.of(
            "Project",
            "Filter",
            "Aggregate",
            "Join",
            "LateralJoin",
            "Sort",
            "GlobalLimit",
            "LocalLimit",
            "LimitAll",
            "Offset",
            "Union",
            "Except",
            "Intersect",
            "Distinct",
            "SubqueryAlias",
            "Subquery",
            "UnresolvedSubqueryColumnAliases",
            "UnresolvedRelation",
            "UnresolvedWith",
            "WithWindowDefinition",
            "UnresolvedInlineTable",
            "LocalRelation",
            "OneRowRelation",
            "Generate",
            "Pivot",
            "Unpivot",
            "UnresolvedHaving",
            "Sample",
            "UnresolvedTableValuedFunction",
            "UnresolvedTVFAliases",
            "UnresolvedHint");

    private static final Set<String> TABLE_FUNCTIONS = Set.of(
            "range", "explode", "explode_outer", "posexplode", "posexplode_outer", "inline", "inline_outer", "stack");

    /// They call any method of any class.
    private static final Set<String> REFUSED_FUNCTIONS = Set.of("reflect", "java_method", "try_reflect");

    private final Object session;
    private final Object plan;

    private PlainQuery(Object session, Object plan) {
        this.session = session;
        this.plan = plan;
    }

    /// @throws IllegalArgumentException if it is something else than a query over views
    /// @throws InvocationTargetException if it does not parse
    static PlainQuery of(Object session, String sql) throws ReflectiveOperationException {
        Object parser = Console.call(Console.call(session, "sessionState"), "sqlParser");
        Object plan = parser.getClass().getMethod("parsePlan", String.class).invoke(parser, sql);
        new Look(Class.forName(PLANS)).at(plan);
        return new PlainQuery(session, plan);
    }

    /// The rows of the plan that was looked at.
    Object rows() throws ReflectiveOperationException {
        Class<?> frames = Class.forName("org.apache.spark.sql.classic.Dataset");
        for (Method method : frames.getMethods()) {
            Class<?>[] types = method.getParameterTypes();
            if (method.getName().equals("ofRows")
                    && types.length == 2
                    && types[1].getName().equals(PLANS)) {
                return method.invoke(null, session, plan);
            }
        }
        throw new IllegalArgumentException("this Spark is none of those that can be asked; use 4.1");
    }

    /// The same rows with columns called `0` and so on: two may have the same name, which JSON cannot tell apart. Times
    /// are texts, as in JSON they would lose what is less than a second.
    static Object numbered(Object rows) throws ReflectiveOperationException {
        Object[] columns = (Object[]) Console.call(rows, "dtypes");
        String[] names = new String[columns.length];
        String[] shown = new String[columns.length];
        for (int i = 0; i < names.length; i++) {
            names[i] = Integer.toString(i);
            String name = "`" + i + "`";
            boolean time = String.valueOf(columns[i]).endsWith(",TimestampType)");
            shown[i] = time ? "CAST(" + name + " AS STRING) AS " + name : name;
        }
        Object numbered = rows.getClass().getMethod("toDF", String[].class).invoke(rows, (Object) names);
        return numbered.getClass().getMethod("selectExpr", String[].class).invoke(numbered, (Object) shown);
    }

    /// Looks at a tree of Spark's, whose nodes are products of what they hold.
    private record Look(Class<?> plans) {

        void at(Object node) throws ReflectiveOperationException {
            if (node == null) {
                return;
            }
            Class<?> type = node.getClass();
            String name = type.getSimpleName().replace("$", "");
            if (plans.isInstance(node) && !KNOWN.contains(name)) {
                throw new IllegalArgumentException("only queries can be run here (SELECT, WITH); nothing is written,"
                        + " described or configured (" + name + ")");
            }
            switch (name) {
                case "UnresolvedRelation" -> requireView(node);
                case "UnresolvedTableValuedFunction" -> requireFunction(node, "name", TABLE_FUNCTIONS, true);
                case "UnresolvedFunction" -> requireFunction(node, "nameParts", REFUSED_FUNCTIONS, false);
                default -> {
                    if (name.contains("UnresolvedIdentifier")) {
                        throw new IllegalArgumentException("IDENTIFIER is not available here; say the name itself");
                    }
                }
            }
            if (isA(type, "scala.collection.Iterable")) {
                each(node, "iterator");
            } else if (isA(type, "scala.Product")) {
                each(node, "productIterator");
            }
        }

        private void each(Object node, String iterator) throws ReflectiveOperationException {
            Object elements = invoke(node, iterator);
            while ((Boolean) invoke(elements, "hasNext")) {
                at(invoke(elements, "next"));
            }
        }

        private static void requireView(Object relation) throws ReflectiveOperationException {
            Object names = invoke(relation, "multipartIdentifier");
            if ((Integer) invoke(names, "size") != 1) {
                throw new IllegalArgumentException(
                        "there is no dataset " + invoke(names, "mkString") + "; datasets have names of one part");
            }
        }

        private static void requireFunction(Object function, String names, Set<String> known, boolean allowed)
                throws ReflectiveOperationException {
            String name =
                    String.valueOf(invoke(invoke(function, names), "last")).toLowerCase(Locale.ROOT);
            if (known.contains(name) != allowed) {
                throw new IllegalArgumentException("the function " + name + " is not available here");
            }
        }

        private static boolean isA(Class<?> type, String name) throws ClassNotFoundException {
            return Class.forName(name).isAssignableFrom(type);
        }

        /// Classes of Scala's collections are not public; what they inherit is.
        private static Object invoke(Object target, String name) throws ReflectiveOperationException {
            Method method = target.getClass().getMethod(name);
            method.setAccessible(true);
            return method.invoke(target);
        }
    }
}
