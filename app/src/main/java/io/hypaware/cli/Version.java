package io.hypaware.cli;

import picocli.CommandLine.IVersionProvider;

/// The version, as the jar's manifest says it.
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"hyp " + number()};
    }

    /// Without the program's name.
    static String number() {
        String version = Hyp.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }
}
