package io.hypaware.cli;

import io.hypaware.smoke.Smoke;
import io.hypaware.smoke.SmokeFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "smoke",
        description = "Try the program from end to end, in a home of its own and on this machine alone.",
        mixinStandardHelpOptions = true)
final class SmokeCommand implements Callable<Integer> {

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "One of them; without, their names. all runs each.")
    private String name = "";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        if (name.isEmpty()) {
            Smoke.titles().forEach(out::println);
            out.flush();
            return 0;
        }
        List<Smoke> chosen = name.equals("all")
                ? List.of(Smoke.values())
                : List.of(Smoke.named(name)
                        .orElseThrow(() -> new ParameterException(
                                spec.commandLine(),
                                "found " + name + ", expected all or one of " + String.join(", ", Smoke.titles()))));
        int passed = 0;
        for (Smoke smoke : chosen) {
            passed += run(smoke, out) ? 1 : 0;
        }
        out.println(passed + " of " + chosen.size() + " smokes passed");
        out.flush();
        return passed == chosen.size() ? 0 : 1;
    }

    private static boolean run(Smoke smoke, PrintWriter out) throws IOException, InterruptedException {
        out.println(smoke.title());
        out.flush();
        long began = System.nanoTime();
        try {
            smoke.run(step -> {
                out.println("  ok  " + step);
                out.flush();
            });
            out.printf("  passed in %.1f s%n", (System.nanoTime() - began) / 1e9);
            return true;
        } catch (SmokeFailure e) {
            out.println("  FAILED  " + e.getMessage());
            return false;
        } finally {
            out.flush();
        }
    }
}
