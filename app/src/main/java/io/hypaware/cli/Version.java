package io.hypaware.cli;

import picocli.CommandLine.IVersionProvider;

/// The version, as the jar's manifest says it.
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String version = Hyp.class.getPackage().getImplementationVersion();
        return new String[] {"hyp " + (version == null ? "(not packaged)" : version)};
    }
}
