package io.hypaware.bench;

import io.hypaware.config.Nearest;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/// A benchmark of `bench/run`: what may stand behind its name is checked before anything is measured.
///
/// @param takes its parameters and options
record Benchmark(String name, Main main, CommandSpec takes) {

    /// Used wrongly, as a command of the program says it.
    static final int USED_WRONGLY = 2;

    private static final String SEED = "seed";

    /// Parts of one benchmark that is named by any of them.
    private static final List<String> GATEWAY_PARTS = List.of("memory", "hard", "record", "flush");

    private static final List<String> MAINTENANCE_PARTS = List.of("reference", "unique", "session", "projection");

    static final List<Benchmark> ALL = List.of(
            new Benchmark("memory", GatewayBench::main, parts(GATEWAY_PARTS)),
            new Benchmark("hard", GatewayBench::main, parts(GATEWAY_PARTS)),
            new Benchmark("record", GatewayBench::main, parts(GATEWAY_PARTS)),
            new Benchmark("flush", GatewayBench::main, parts(GATEWAY_PARTS)),
            new Benchmark("gateway", PeersBench::main, numbers(1, "rounds")),
            new Benchmark("start", StartBench::main, CommandSpec.create()),
            new Benchmark("maintain", MaintenanceBench::main, parts(MAINTENANCE_PARTS)),
            // Its last day is compared with its fifth.
            new Benchmark("month", MonthBench::main, numbers(6, "days")),
            new Benchmark("orders", OrdersBench::main, folder(SEED)),
            new Benchmark("transcripts", TranscriptBench::main, numbers(1, "files", "megabytes")),
            new Benchmark("counting", CountingBench::main, CommandSpec.create()),
            new Benchmark("spans", SpansBench::main, numbers(1, "spans")),
            new Benchmark("telemetry", TelemetryBench::main, numbers(1, "seconds")),
            new Benchmark("websocket", WebSocketBench::main, numbers(1, "seconds")),
            new Benchmark("soak", SoakBench::main, numbers(1, "calls", SEED)),
            new Benchmark("secrets", SecretsBench::main, numbers(1, "parts")),
            new Benchmark("fleet", FleetBench::main, numbers(1, "seconds")),
            new Benchmark(
                    "year",
                    YearBench::main,
                    numbers(1, "days", "calls a day")
                            .addOption(OptionSpec.builder("--home")
                                    .type(String.class)
                                    .paramLabel("DIR")
                                    .build())
                            .addOption(number("--months", 0))
                            .addOption(number("--ticks", 1))),
            new Benchmark("day", DayBench::main, numbers(1, "rows")),
            new Benchmark("flood", FloodBench::main, numbers(1, "seconds")));

    @FunctionalInterface
    interface Main {
        void run(String[] arguments) throws Exception;
    }

    /// Runs one.
    ///
    /// @param arguments the project's folder, a name, and what stands behind it
    public static void main(String[] arguments) throws Exception {
        List<String> words = List.of(arguments).subList(1, arguments.length);
        String name = words.isEmpty() ? GATEWAY_PARTS.getFirst() : words.getFirst();
        Benchmark benchmark;
        try {
            benchmark = named(name);
            benchmark.check(words.isEmpty() ? words : words.subList(1, words.size()));
        } catch (IllegalArgumentException e) {
            System.err.println("bench/run: " + e.getMessage());
            System.exit(USED_WRONGLY);
            return;
        }
        List<String> passed = new ArrayList<>(List.of(arguments));
        if (!GATEWAY_PARTS.contains(name)) {
            passed.remove(1);
        }
        benchmark.main.run(passed.toArray(String[]::new));
    }

    /// @throws IllegalArgumentException if there is none of that name; the message names the nearest
    static Benchmark named(String name) {
        List<String> names = ALL.stream().map(Benchmark::name).toList();
        return ALL.stream()
                .filter(each -> each.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no benchmark " + name
                        + Nearest.of(name, names)
                                .map(near -> "; did you mean " + near + "?")
                                .orElse("; there are: " + String.join(", ", names) + ", all, truth")));
    }

    /// @param words behind its name
    /// @throws IllegalArgumentException if it takes something else; the message says what
    void check(List<String> words) {
        try {
            new CommandLine(takes).parseArgs(words.toArray(String[]::new));
        } catch (ParameterException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage() + "; it takes: " + name + usage(), e);
        }
    }

    private String usage() {
        StringBuilder usage = new StringBuilder();
        takes.options()
                .forEach(option -> usage.append(" [%s %s]".formatted(option.longestName(), option.paramLabel())));
        takes.positionalParameters()
                .forEach(each -> usage.append(each.required() ? " " : " [")
                        .append(each.paramLabel())
                        .append(each.required() ? "" : each.arity().isVariable() ? "]..." : "]"));
        return usage.isEmpty() ? ", and nothing else" : usage.toString();
    }

    /// Whole numbers, each of which may be left out; a seed is any.
    private static CommandSpec numbers(int least, String... names) {
        return add(CommandSpec.create(), least, List.of(names));
    }

    private static CommandSpec folder(String... numbers) {
        CommandSpec spec = CommandSpec.create()
                .addPositional(PositionalParamSpec.builder()
                        .paramLabel("FOLDER")
                        .index("0")
                        .arity("1")
                        .required(true)
                        .type(String.class)
                        .build());
        return add(spec, 1, List.of(numbers));
    }

    private static CommandSpec add(CommandSpec spec, int least, List<String> names) {
        for (String name : names) {
            spec.addPositional(PositionalParamSpec.builder()
                    .paramLabel(name)
                    .index(Integer.toString(spec.positionalParameters().size()))
                    .arity("0..1")
                    .type(Long.class)
                    .converters(
                            name.equals(SEED)
                                    ? wholeNumber(Long.MIN_VALUE, Long.MAX_VALUE)
                                    : wholeNumber(least, Integer.MAX_VALUE))
                    .build());
        }
        return spec;
    }

    private static OptionSpec number(String name, int least) {
        return OptionSpec.builder(name)
                .type(Long.class)
                .paramLabel("N")
                .converters(wholeNumber(least, Integer.MAX_VALUE))
                .build();
    }

    private static CommandSpec parts(List<String> all) {
        return CommandSpec.create()
                .addPositional(PositionalParamSpec.builder()
                        .paramLabel(String.join("|", all))
                        .index("0..*")
                        .arity("0..*")
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .converters((ITypeConverter<String>) word -> part(word, all))
                        .build());
    }

    private static String part(String word, List<String> all) {
        if (!all.contains(word)) {
            throw new TypeConversionException("'" + word + "' is no part of it");
        }
        return word;
    }

    private static ITypeConverter<Long> wholeNumber(long least, long most) {
        return word -> {
            try {
                long number = Long.parseLong(word);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // the same as one that is too large
            }
            throw new TypeConversionException("'" + word + "' is no whole number"
                    + (least > 0 ? " from " + least + " to %,d".formatted(most) : ""));
        };
    }
}
