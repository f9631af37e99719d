package io.hypaware.secret;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// What has the form of a secret and is none: examples of documentation, places to fill in, names of variables.
final class Harmless {

    /// Keys that their providers print in their documentation.
    private static final Set<String> EXAMPLES = Set.of(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AKIAI44QH8DHBEXAMPLE",
            "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
            "ASIAIOSFODNN7EXAMPLE",
            "4eC39HqLyjWDarjtT1zdp7dc");

    /// What nobody's random key has in it.
    private static final Pattern PLACEHOLDER =
            Pattern.compile("(?i)example|placeholder|change.?me|redacted|your[-_]|your(?:key|token|secret|password|api)"
                    + "|insert[-_]|replace[-_]|dummy|xxxxx|\\*{3}|\\.{3}|…|<[a-z]|\\$\\{|\\{\\{|^\\$|^%\\w+%$|^\\{\\w+\\}$|^\\[\\w+\\]$"
                    + "|(.)\\1{9}");

    /// Passwords that say only that there is one, or that everybody's own database has.
    private static final Set<String> NO_PASSWORDS = Set.of(
            "password",
            "passwd",
            "pass",
            "pwd",
            "secret",
            "token",
            "user",
            "username",
            "root",
            "admin",
            "guest",
            "test",
            "postgres",
            "postgresql",
            "mysql",
            "mongo",
            "redis",
            "rabbitmq",
            "foo",
            "bar",
            "none",
            "null",
            "undefined",
            "mypassword",
            "mysecret",
            "my-password",
            "db_password",
            "dbpassword",
            "pw",
            "xxx",
            "xxxx",
            "string");

    /// Ends of names that sound like secrets and tell only which, how many, where or until when.
    private static final Pattern HARMLESS_NAME = Pattern.compile(
            "(?i).*(?:hash|digest|sha\\d*|checksum|[_.-]?id|ids|name|type|types|file|path|url|uri|dir|count|counts|limit|limits"
                    + "|expir\\w*|length|len|size|field|regex|pattern|header|prefix|suffix|class|manager|provider|version|kind"
                    + "|format|label|placeholder|izer|ize|ized|izers|ization|usage|budget|policy|rotation|arn|ref|reset\\w*|source|endpoint|s)");

    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|(?:sha\\d+|md5)[:-].*");

    /// A path, a URL, a part of code, a variable, or words.
    private static final Pattern SPEECH = Pattern.compile("[/~.@#]\\S*|\\S*(?:://|/[\\w.-]+/|\\.\\.)\\S*"
            + "|[A-Za-z_$][A-Za-z_$]*(?:[.:_/-][A-Za-z_$]+)*[!?.:]?|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|\\w+(?:\\.[A-Za-z_]\\w*)+"
            + "|[A-Za-z]+(?:[-_][A-Za-z0-9]{1,12})+|[\\d.,:%+-]+(?:[A-Za-z]{1,3})?");

    static boolean is(SecretRule rule, String restOfName, String secret) {
        return EXAMPLES.contains(secret)
                || PLACEHOLDER.matcher(secret).find()
                || (rule.isByName() && isNoValue(restOfName, secret))
                || (rule.leastEntropy() < 3 && isNoPassword(secret));
    }

    private static boolean isNoPassword(String secret) {
        String plain = secret.toLowerCase(Locale.ROOT);
        return NO_PASSWORDS.contains(plain) || plain.chars().distinct().count() < 3 || plain.startsWith("%");
    }

    private static boolean isNoValue(String restOfName, String secret) {
        return HARMLESS_NAME.matcher(restOfName).matches()
                || UUID.matcher(secret).matches()
                || COMMIT.matcher(secret).matches()
                || SPEECH.matcher(secret).matches()
                || secret.chars().noneMatch(Character::isDigit)
                || secret.chars().noneMatch(Character::isLetter)
                || secret.chars().anyMatch(c -> c > 0x7e);
    }

    private Harmless() {}
}
