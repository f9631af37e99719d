package io.hypaware.cli;

import io.hypaware.config.ConfigException;
import io.hypaware.config.ConfigFile;
import io.hypaware.config.UpstreamConfig;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "config",
        description = "Check and show the config.",
        mixinStandardHelpOptions = true,
        subcommands = {ConfigCommand.Validate.class, ConfigCommand.Show.class})
final class ConfigCommand {

    @Command(name = "validate", description = "Check the config file.", mixinStandardHelpOptions = true)
    static final class Validate implements Callable<Integer> {

        @Option(names = "--path", description = "Another file than <HYP_HOME>/hypaware-config.json.")
        private @Nullable Path path;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() {
            Path file = path != null
                    ? path
                    : io.hypaware.home.HypHome.of(System.getenv()).configFile();
            PrintWriter out = spec.commandLine().getOut();
            if (path != null && !Files.exists(file)) {
                throw new ConfigException(
                        "", file + " does not exist; name a file that is there, or none for the one of the home");
            }
            ConfigFile config = ConfigFile.read(file);
            for (UpstreamConfig upstream : config.config().gateway().upstreams()) {
                upstream.caFile()
                        .map(Path::of)
                        .filter(f -> !Files.isReadable(f))
                        .ifPresent(missing -> {
                            throw new ConfigException(
                                    "",
                                    "ca_file of the upstream \"" + upstream.name() + "\", " + missing
                                            + ", cannot be read; name a file with PEM certificates");
                        });
            }
            List<String> refusals = config.config().refusals();
            if (!refusals.isEmpty()) {
                throw new ConfigException("", file + " at " + String.join("; ", refusals));
            }
            config.config().warnings().forEach(warning -> out.println("warning: " + warning));
            out.println(Files.exists(file) ? file + " is valid" : file + " does not exist; defaults apply");
            out.flush();
            return 0;
        }
    }

    @Command(
            name = "show",
            description = "Show every setting, and whether the file or the default says so.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {

        private static final Pattern PASSWORD = Pattern.compile("(://[^\\s:/@\"]*:)[^\\s/\"]*@");

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() {
            Environment environment = Environment.load();
            PrintWriter out = spec.commandLine().getOut();
            String home = System.getenv("HYP_HOME");
            out.println("home  " + environment.home().root() + "  (" + (home == null ? "default" : "HYP_HOME") + ")");
            out.println("file  " + environment.configFile().path()
                    + (Files.exists(environment.configFile().path()) ? "" : "  (does not exist)"));
            for (ConfigFile.Setting setting : environment.configFile().settings()) {
                out.printf(
                        "%-55s %s  (%s)%n",
                        setting.pointer(), withoutPassword(setting.value()), setting.fromFile() ? "file" : "default");
            }
            environment.config().warnings().forEach(warning -> out.println("warning: " + warning));
            out.flush();
            return 0;
        }

        /// A proxy's URL may hold one.
        private static String withoutPassword(Object value) {
            return PASSWORD.matcher(String.valueOf(value)).replaceAll("$1***@");
        }
    }
}
