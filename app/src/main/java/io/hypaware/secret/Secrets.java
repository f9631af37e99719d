package io.hypaware.secret;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// How a user's secrets are looked for: with the home's own key, and without those that are allowed.
///
/// @param scope changes when a text that was looked through has to be again
/// @param areMarked whether what was recorded has marks in the place of secrets
public record Secrets(SecretFinder finder, Fingerprints fingerprints, String scope, boolean areMarked) {

    /// @param key of fingerprints
    /// @param allowed fingerprints, or patterns that are found in what is no secret
    public static Secrets of(byte[] key, List<String> allowed) {
        Fingerprints fingerprints = new Fingerprints(key);
        String scope = fingerprints.of("scope " + SecretRules.VERSION + "\0" + String.join("\0", allowed));
        return new Secrets(new SecretFinder(allows(fingerprints, allowed)), fingerprints, scope, false);
    }

    /// The same where secrets are left out of what is stored: their marks say what was sent.
    public Secrets marked() {
        return new Secrets(finder, fingerprints, fingerprints.of(scope + " marked"), true);
    }

    private static Predicate<String> allows(Fingerprints fingerprints, List<String> allowed) {
        Set<String> known = allowed.stream().filter(Fingerprints::isOne).collect(Collectors.toUnmodifiableSet());
        List<Pattern> patterns = allowed.stream()
                .filter(entry -> !Fingerprints.isOne(entry))
                .map(Pattern::compile)
                .toList();
        return secret ->
                patterns.stream().anyMatch(pattern -> pattern.matcher(secret).find())
                        || (!known.isEmpty() && known.contains(fingerprints.of(secret)));
    }

    public Redactor redactor() {
        return new Redactor(finder, fingerprints);
    }
}
