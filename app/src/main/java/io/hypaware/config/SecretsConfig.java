package io.hypaware.config;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Section `privacy.secrets`.
public record SecretsConfig(
        @Key(
                doc = "What looks like a secret and is none: fingerprints as hyp privacy scan shows them, or regular"
                        + " expressions that are found in it.",
                defaultJson = "[]")
        List<String> allow,

        @Key(
                doc = "Look through what is new in the background; hyp status then names each secret that is new.",
                defaultJson = "false")
        boolean watch) {

    private static final int MOST = 1_000;
    private static final int LONGEST = 500;

    public SecretsConfig {
        allow = List.copyOf(allow);
        if (allow.size() > MOST) {
            throw new ConfigException("/allow", "found " + allow.size() + " entries, expected at most " + MOST);
        }
        for (int i = 0; i < allow.size(); i++) {
            String entry = allow.get(i);
            String at = "/allow/" + i;
            if (entry.length() > LONGEST) {
                throw new ConfigException(at, "found " + entry.length() + " characters, expected at most " + LONGEST);
            }
            try {
                if (Pattern.compile(entry).matcher("").find()) {
                    throw new ConfigException(
                            at, "found an expression that is found in every text, expected one that is not");
                }
            } catch (PatternSyntaxException e) {
                throw new ConfigException(at, "found an expression that is not valid (" + e.getDescription() + ")");
            }
        }
    }
}
