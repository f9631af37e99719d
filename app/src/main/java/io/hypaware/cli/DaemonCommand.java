package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.daemon.GatewayDaemon;
import io.hypaware.daemon.GatewayFiles;
import io.hypaware.daemon.HypProcess;
import io.hypaware.daemon.Logs;
import io.hypaware.daemon.Presence;
import io.hypaware.daemon.Service;
import io.hypaware.daemon.ServicePlan;
import io.hypaware.daemon.Up;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "daemon",
        description = "The gateway process itself, and as a service that starts with the session.",
        mixinStandardHelpOptions = true,
        subcommands = {
            DaemonCommand.Run.class,
            DaemonCommand.Limits.class,
            DaemonCommand.Install.class,
            DaemonCommand.Uninstall.class,
            DaemonCommand.Start.class,
            DaemonCommand.Stop.class,
            DaemonCommand.Restart.class,
            DaemonCommand.State.class
        })
final class DaemonCommand {

    @Command(name = "run", description = "Run the gateway, for a service manager.", mixinStandardHelpOptions = true)
    static final class Run implements Callable<Integer> {

        @Option(
                names = {"-f", "--foreground"},
                description = "Stay in this process until SIGTERM.")
        private boolean foreground;

        @Option(
                names = "--supervise",
                description =
                        "With a supervisor, who starts the gateway again when it dies, and lets the next one take over.")
        private boolean supervise;

        @Override
        public Integer call() throws InterruptedException, IOException {
            Environment environment = Environment.load();
            if (foreground && supervise) {
                new Up(environment.home(), System.err::println).supervise();
                return 1;
            }
            if (!foreground) {
                Up.Running running = new Up(environment.home(), System.err::println).start();
                running.trouble().ifPresent(why -> System.err.println("hyp: nothing is recorded: " + why));
                return running.trouble().isPresent() ? 1 : 0;
            }
            Logs.toFile(environment.home(), "gateway");
            new GatewayDaemon(environment.home(), environment.config(), Clock.systemUTC()).run();
            return 0;
        }
    }

    /// For the launcher, which starts the gateway's process with them.
    @Command(
            name = "limits",
            hidden = true,
            description = "The options of the gateway's Java.",
            mixinStandardHelpOptions = true)
    static final class Limits implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() {
            HypProcess.GATEWAY_LIMITS.forEach(spec.commandLine().getOut()::println);
            spec.commandLine().getOut().flush();
            return 0;
        }
    }

    static void describe(Service.State state, ObjectNode node) {
        node.put("installed", state.installed());
        node.put("loaded", state.loaded());
        node.put("running", state.running());
        node.put("state", state.state());
        node.put("pid", state.pid());
    }

    /// Which service manager is meant.
    static final class Manager {

        @Option(names = "--platform", hidden = true, description = "linux or darwin, in place of this machine's.")
        private Optional<String> platform = Optional.empty();

        Service service() {
            return Service.of(platform, System.getenv());
        }
    }

    @Command(
            name = "install",
            description = "Let the service manager run the recorder: systemd of the user's, or launchd.",
            mixinStandardHelpOptions = true)
    static final class Install implements Callable<Integer> {

        private static final Duration PATIENCE = Duration.ofSeconds(30);

        @Mixin
        private Manager manager = new Manager();

        @Option(names = "--bin", description = "The hyp that the service starts; default this one.")
        private Optional<Path> bin = Optional.empty();

        @Option(names = "--dry-run", description = "Only show what would be done.")
        private boolean dryRun;

        @Option(names = "--json", description = "With --dry-run: as JSON.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Environment environment = Environment.load();
            Service service = manager.service();
            ServicePlan plan = service.plan(Service.program(environment.home(), bin, System.getenv()));
            PrintWriter out = spec.commandLine().getOut();
            if (dryRun) {
                show(out, plan);
                out.flush();
                return 0;
            }
            if (Files.exists(service.file()) && !service.isOf(environment.home())) {
                throw new IllegalStateException(service.file()
                        + " is the service of another home; hyp daemon uninstall takes" + " it away first");
            }
            // Before anything is stopped for it.
            service.run(service.ask(), Service.PATIENCE);
            // One that runs by itself would keep the service's from listening.
            Up up = new Up(environment.home(), spec.commandLine().getErr()::println);
            boolean stopped = false;
            if (!service.state().running() && up.find().presence() instanceof Presence.Answering running) {
                out.println("Stopping the recorder that runs; open calls are let end");
                out.flush();
                up.stop(
                        running.address(),
                        false,
                        Duration.ofSeconds(environment.config().gateway().drainSeconds()));
                stopped = true;
            }
            try {
                service.install(plan);
            } catch (Service.ServiceException e) {
                if (stopped) {
                    up.start();
                }
                throw e;
            }
            if (!Presence.await(new GatewayFiles(environment.home()), PATIENCE)) {
                throw new IllegalStateException(
                        "the service is installed (" + plan.file() + "), and the recorder does not answer; see "
                                + plan.program().logs());
            }
            out.printf(
                    "✓ Daemon installed (%s: %s)%n",
                    plan.kind().equals("systemd") ? "systemd unit" : "LaunchAgent",
                    plan.kind().equals("systemd") ? plan.file().getFileName() : plan.label());
            if (plan.kind().equals("systemd")) {
                out.println(
                        "  It runs while you are logged in. To let it run without, and start with the machine: loginctl enable-linger");
            }
            out.flush();
            return 0;
        }

        private void show(PrintWriter out, ServicePlan plan) {
            if (!json) {
                out.println("would write " + plan.file() + ":");
                out.println();
                out.println(plan.content());
                out.println("and run:");
                plan.install().forEach(command -> out.println("  " + String.join(" ", command)));
                return;
            }
            ObjectMapper mapper = new ObjectMapper();
            ObjectNode node = mapper.createObjectNode();
            node.put("platform", plan.platform());
            node.put("serviceKind", plan.kind());
            node.put("label", plan.label());
            node.put("targetPath", plan.file().toString());
            node.put("content", plan.content());
            node.put("binPath", plan.program().launcher().toString());
            node.put("configPath", plan.program().config().toString());
            node.put("logDir", plan.program().logs().toString());
            node.put(
                    plan.kind().equals("systemd") ? "unitDir" : "plistDir",
                    plan.file().resolveSibling("").toString());
            node.put("unitName", String.valueOf(plan.file().getFileName()));
            ArrayNode commands = node.putArray("manageCommands");
            for (List<String> command : plan.install()) {
                ArrayNode words = commands.addArray();
                command.forEach(words::add);
            }
            out.println(node.toPrettyString());
        }
    }

    @Command(
            name = "uninstall",
            description = "Take the recorder from the service manager; it stops, and what was recorded stays.",
            mixinStandardHelpOptions = true)
    static final class Uninstall implements Callable<Integer> {

        @Mixin
        private Manager manager = new Manager();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Service service = manager.service();
            HypHome home = HypHome.of(System.getenv());
            // The launcher plays no part in taking it away.
            ServicePlan plan = service.plan(
                    new ServicePlan.Program(Path.of("hyp"), home.configFile(), home.logs(), java.util.Map.of()));
            PrintWriter out = spec.commandLine().getOut();
            boolean was = Files.exists(plan.file());
            if (was) {
                service.uninstall(plan)
                        .forEach(refused -> spec.commandLine().getErr().println("hyp: " + refused));
            }
            out.println(
                    was
                            ? "Daemon uninstalled; agents that are attached can make no call until: hyp up"
                            : "No daemon is installed");
            out.flush();
            return 0;
        }
    }

    /// What has one command of the manager's.
    abstract static class Managed implements Callable<Integer> {

        @Mixin
        private Manager manager = new Manager();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        abstract List<String> command(Service service);

        abstract String done();

        @Override
        public Integer call() throws InterruptedException {
            Service service = manager.service();
            if (!service.state().installed()) {
                throw new IllegalStateException(
                        "no daemon is installed; hyp daemon install makes it one, hyp up does without");
            }
            service.run(command(service), Service.PATIENCE_TO_STOP);
            spec.commandLine().getOut().println(done());
            spec.commandLine().getOut().flush();
            return 0;
        }
    }

    @Command(name = "start", description = "Start the service.", mixinStandardHelpOptions = true)
    static final class Start extends Managed {

        @Override
        List<String> command(Service service) {
            return service.start();
        }

        @Override
        String done() {
            return "Daemon started";
        }
    }

    @Command(
            name = "stop",
            description = "Stop the service; it starts again with the session.",
            mixinStandardHelpOptions = true)
    static final class Stop extends Managed {

        @Override
        List<String> command(Service service) {
            return service.stop();
        }

        @Override
        String done() {
            return "Daemon stopped";
        }
    }

    @Command(
            name = "restart",
            description = "Let a new gateway, with the config as it is now, take over; no call is refused or cut.",
            mixinStandardHelpOptions = true)
    static final class Restart implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Up.Running running =
                    new Up(Environment.load().home(), spec.commandLine().getErr()::println).restart();
            running.trouble().ifPresent(why -> spec.commandLine().getErr().println("hyp: nothing is recorded: " + why));
            spec.commandLine()
                    .getOut()
                    .println("Daemon restarted (pid " + running.address().pid()
                            + "); calls that were open end in the process before");
            spec.commandLine().getOut().flush();
            return running.trouble().isPresent() ? 1 : 0;
        }
    }

    @Command(name = "status", description = "What the service manager says of it.", mixinStandardHelpOptions = true)
    static final class State implements Callable<Integer> {

        @Mixin
        private Manager manager = new Manager();

        @Option(names = "--json", description = "As JSON.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() {
            Service service = manager.service();
            Service.State state = service.state();
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                ObjectNode node = new ObjectMapper().createObjectNode();
                describe(state, node);
                node.put("file", service.file().toString());
                out.println(node.toPrettyString());
            } else {
                out.println("daemon    " + state.state() + (state.pid() > 0 ? ", pid " + state.pid() : "")
                        + (state.installed()
                                ? " (" + service.file() + ")"
                                : "; hyp daemon install makes it a service"));
            }
            out.flush();
            return 0;
        }
    }
}
