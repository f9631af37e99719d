package io.hypaware.cli;

import io.hypaware.daemon.Installation;
import io.hypaware.home.HypHome;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Where the program is installed, for commands that change that.
final class PrefixOption {

    @Option(names = "--prefix", description = "Where bin and share are; default ~/.local.")
    private Optional<Path> prefix = Optional.empty();

    Installation installation() {
        return new Installation(
                prefix.orElseGet(() -> HypHome.userHome(System.getenv()).resolve(".local")));
    }
}
