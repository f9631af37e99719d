package io.hypaware.cli;

import io.hypaware.client.Agent;
import io.hypaware.client.ClientException;
import io.hypaware.config.HypConfig;
import io.hypaware.daemon.Service;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a first run sets up: the answers to its questions.
///
/// @param agents to be attached, by name
/// @param days that rows are kept; 0 for ever
/// @param service whether the service manager runs the recorder
/// @param adopt whether an older cache is taken over now
record Setup(Set<String> agents, long days, boolean service, boolean adopt) {

    Setup {
        agents = new LinkedHashSet<>(agents);
    }

    /// What is there on this machine.
    ///
    /// @param olderBytes of a cache of HypAware for Node; 0 if there is none
    /// @param canBeService whether a service manager answers
    record Found(List<Agent> agents, Set<String> attached, long olderBytes, boolean canBeService) {

        static Found of(Environment environment) {
            List<Agent> agents = Agent.all(System.getenv(), Path.of("").toAbsolutePath());
            Set<String> attached = agents.stream()
                    .filter(Found::isAttached)
                    .map(Agent::name)
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            boolean canBeService = false;
            try {
                Service service = Service.of(Optional.empty(), System.getenv());
                service.run(service.ask(), Service.PATIENCE);
                canBeService = true;
            } catch (Service.ServiceException e) {
                // There is none, or it does not answer.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new Found(agents, attached, bytesIn(environment.cache().olderDatasets()), canBeService);
        }

        private static long bytesIn(Path folder) {
            if (!Files.isDirectory(folder)) {
                return 0;
            }
            try (Stream<Path> files = Files.walk(folder)) {
                return files.mapToLong(
                                file -> file.toFile().isFile() ? file.toFile().length() : 0)
                        .sum();
            } catch (IOException | UncheckedIOException e) {
                // Maintenance says what is wrong with it.
                return 0;
            }
        }

        private static boolean isAttached(Agent agent) {
            try {
                return agent.attachedPort().isPresent();
            } catch (ClientException e) {
                return false;
            }
        }

        /// What to propose: what is set, or else what is usual.
        Setup proposal(HypConfig config) {
            Set<String> names = attached;
            if (names.isEmpty()) {
                names = agents.stream()
                        .filter(Agent::isDetected)
                        .map(Agent::name)
                        .collect(Collectors.toSet());
            }
            return new Setup(
                    inOrder(names), config.query().cache().retention().defaultDays(), canBeService, olderBytes > 0);
        }

        Set<String> inOrder(Collection<String> names) {
            return agents.stream()
                    .map(Agent::name)
                    .filter(names::contains)
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        }

        String titles(Collection<String> names) {
            return names.isEmpty()
                    ? "no agent"
                    : agents.stream()
                            .filter(agent -> names.contains(agent.name()))
                            .map(Agent::title)
                            .collect(Collectors.joining(" and "));
        }
    }

    static String kept(long days) {
        return days == 0 ? "for ever" : days + " days";
    }

    Setup withAgents(Set<String> chosen) {
        return new Setup(chosen, days, service, adopt);
    }

    Setup withDays(long chosen) {
        return new Setup(agents, chosen, service, adopt);
    }

    Setup withService(boolean chosen) {
        return new Setup(agents, days, chosen, adopt);
    }

    Setup withAdopt(boolean chosen) {
        return new Setup(agents, days, service, chosen);
    }
}
