package io.hypaware.project;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where the agent works, as coding agents tell the model in their system text.
public record WorkingFolder(Optional<String> path, Optional<String> gitBranch) {

    private static final Pattern PATH =
            Pattern.compile("(?m)^[ \\t>*-]*(?:Primary working directory|Working directory|cwd): ?(\\S.*?)\\s*$");

    private static final Pattern BRANCH = Pattern.compile("(?m)^[ \\t]*Current branch: ?(\\S+)\\s*$");

    public static WorkingFolder of(String systemText) {
        return new WorkingFolder(find(PATH, systemText), find(BRANCH, systemText));
    }

    private static Optional<String> find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
