package io.hypaware.cli;

import io.hypaware.config.Nearest;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "schema", description = "Show the columns of a dataset.", mixinStandardHelpOptions = true)
final class QuerySchemaCommand implements Callable<Integer> {

    @Parameters(arity = "0..1", paramLabel = "<dataset>", description = "Without it, all datasets are listed.")
    private @Nullable String dataset;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (dataset == null) {
            Datasets.all().forEach(d -> out.println(d.name()));
        } else {
            Dataset found = Datasets.named(dataset).orElseThrow(() -> unknown(String.valueOf(dataset)));
            for (Column column : found.columns()) {
                out.printf(
                        "%-28s %-12s %s%s%n",
                        column.name(),
                        column.type().sql(),
                        column.required() ? "not null" : "",
                        column.payload() ? "payload" : "");
            }
        }
        out.flush();
        return 0;
    }

    private ParameterException unknown(String name) {
        List<String> known = Datasets.all().stream().map(Dataset::name).toList();
        return new ParameterException(
                spec.commandLine(), "there is no dataset \"" + name + "\"" + Nearest.orAll(name, known));
    }
}
