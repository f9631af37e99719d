package io.hypaware.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.PlantedSecrets;
import io.hypaware.testing.PlantedSecrets.Planted;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What looks like a secret is found wherever and however it stands, and little else.
class SecretFinderTest {

    private static final long SEED = 20_260_301;

    private final SecretFinder finder = new SecretFinder();
    private final Redactor redactor = new Redactor(finder, new Fingerprints(new byte[32]));

    static Stream<Planted> planted() {
        PlantedSecrets secrets = new PlantedSecrets(SEED);
        return IntStream.range(0, secrets.kinds()).mapToObj(secrets::of);
    }

    @Test
    void thereAreRulesForManyKinds() {
        assertThat(SecretFinder.kinds()).isGreaterThan(100);
        assertThat(planted().map(Planted::rule).distinct().count()).isGreaterThan(50);
    }

    @Test
    void eachRuleCompilesAndIsAnchoredInLowerCase() {
        for (SecretRule rule : SecretRules.ALL) {
            assertThat(rule.pattern().get().pattern()).as(rule.name()).doesNotContain("{to}", "{name}", "{password}");
            assertThat(rule.anchors())
                    .as(rule.name())
                    .allMatch(anchor -> anchor.equals(anchor.toLowerCase(java.util.Locale.ROOT)));
        }
    }

    @ParameterizedTest
    @MethodSource("planted")
    void eachKindIsFoundByItsRule(Planted planted) {
        found(planted, planted.text(), text -> text);
    }

    @ParameterizedTest
    @MethodSource("planted")
    void escapesHideNothing(Planted planted) {
        found(planted, "line one\n" + planted.text(), SecretFinderTest::json);
        found(planted, "line one\n" + planted.text() + "\nline three", text -> json(json(text)));
    }

    @ParameterizedTest
    @MethodSource("planted")
    void coloursHideNothing(Planted planted) {
        if (planted.rule().equals("pem-private-key")) {
            return;
        }
        int middle = planted.text().indexOf(planted.secret()) + planted.secret().length() / 2;
        String coloured = planted.text().substring(0, middle) + "\u001b[1;31m"
                + planted.text().substring(middle) + "\u001b[0m";
        found(planted, coloured, text -> text);
        found(planted, coloured, SecretFinderTest::json);
        found(
                planted,
                planted.text().substring(0, middle) + "\u200b" + planted.text().substring(middle),
                text -> text);
    }

    @ParameterizedTest
    @MethodSource("planted")
    void aLongTextIsNotTooLong(Planted planted) {
        String padding = "some words of a log that says nothing, line after line\n".repeat(9_530);
        found(planted, padding + planted.text() + padding, text -> text);
    }

    private void found(Planted planted, String text, UnaryOperator<String> wrapped) {
        List<Finding> found = finder.find(wrapped.apply(text));
        assertThat(found)
                .as(wrapped.apply(planted.text()))
                .extracting(Finding::rule)
                .containsExactly(planted.rule());
        assertThat(found.getFirst().secret()).contains(planted.secret());
        assertThat(redactor.text(wrapped.apply(text)))
                .contains("[redacted:" + planted.rule() + ":")
                .doesNotContain(planted.secret())
                .doesNotContain(planted.secret().substring(planted.secret().length() / 2 + 1));
    }

    private static String json(String text) {
        return new com.fasterxml.jackson.databind.node.TextNode(text).toString();
    }

    @Test
    void aSecretHasOneFingerprintHoweverItStands() {
        Fingerprints fingerprints = new Fingerprints(new byte[32]);
        planted().forEach(planted -> {
            TreeSet<String> prints = new TreeSet<>();
            for (String text : List.of(planted.text(), json("x\n" + planted.text()), "\u001b[31m" + planted.text())) {
                finder.find(text).forEach(finding -> prints.add(fingerprints.of(finding)));
            }
            assertThat(prints).as(planted.rule()).hasSize(1).allMatch(Fingerprints::isOne);
        });
    }

    @Test
    void aKeyThatAToolShowsWithLineNumbersIsTheSame() {
        Planted planted = planted()
                .filter(one -> one.rule().equals("pem-private-key"))
                .findFirst()
                .orElseThrow();
        String[] lines = planted.text().split("\n");
        StringBuilder numbered = new StringBuilder();
        for (int i = 0; i < lines.length; i++) {
            numbered.append("%6d→%s%n".formatted(i + 1, lines[i]));
        }
        assertThat(finder.find(numbered.toString())).hasSize(1);
        assertThat(finder.find(numbered.toString()).getFirst().secret())
                .isEqualTo(finder.find(planted.text()).getFirst().secret());
        assertThat(redactor.text(numbered.toString()))
                .doesNotContain(planted.secret().substring(64, 100));
    }

    @ParameterizedTest
    @MethodSource("planted")
    void aPieceShowsNoPartOfASecret(Planted planted) {
        String text = "before " + planted.text() + " behind";
        List<Finding> found = finder.find(text);
        int middle = (found.getFirst().begin() + found.getFirst().end()) / 2;
        assertThat(redactor.of(text).piece(0, middle) + redactor.of(text).piece(middle, text.length()))
                .startsWith("before ")
                .endsWith(" behind")
                .doesNotContain(text.substring(found.getFirst().begin(), middle))
                .doesNotContain(text.substring(middle, found.getFirst().end()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AKIAIOSFODNN7EXAMPLE",
                "api_key = <YOUR_API_KEY>",
                "export TOKEN=${GITHUB_TOKEN}",
                "password: process.env.DB_PASSWORD",
                "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "OPENAI_API_KEY=sk-...",
                "\"max_tokens\": 32000, \"token_count\": 123456789",
                "token_hash: 5f4dcc3b5aa765d61d8327deb882cf99a1b2",
                "commit secret 9fceb02d0ae598e95dc970b74767f19372d61af8",
                "access_token_id: 123e4567-e89b-12d3-a456-426614174000",
                "postgres://postgres:postgres@localhost:5432/app",
                "mysql://user:password@localhost/db",
                "https://example.com:8080/path@2x.png",
                "private String password = getPassword(config);",
                "if (pem.startsWith(\"-----BEGIN PRIVATE KEY-----\")) { return decode(pem); }",
                "const secret = await vault.read(path1)",
                "secretName: my-app-secret-v2",
                "disk-usage-2026-11-12-of-all-the-volumes",
                "task-1234567890-abcdef",
                "see data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
                "password = \"\"",
                "PASSWORD_RESET_URL=https://a.b/c1",
                "tokenizer: cl100k_base1",
            })
    void whatIsNoSecretIsNotFound(String text) {
        assertThat(finder.find(text)).isEmpty();
        assertThat(finder.find(json("x\n" + text))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eyJ",
                "eyJ.eyJ.eyJ",
                "sk-",
                "sk-a1",
                "://a:",
                "password=",
                "-----BEGIN PRIVATE KEY-----",
                "\\",
                "\\u001b[",
                "\u001b]",
                "heroku",
                "AKIA",
                "%2",
                "%25",
                "a",
                "=",
                "token: \"",
                "machine login password ",
                "jdbc:a:?",
                "xoxb-1",
                "-----BEGIN RSA PRIVATE KEY-----\nA: b\n",
                "twilio_",
                "Bearer ",
                "--token-",
                "--password ",
                "-u a:",
                "Basic ",
                ":AA",
                "\\\\\\\"",
                "é",
                "aws_secret_access_key ",
                "Private-Lines: 1\n1→A"
            })
    void noTextTakesLong(String piece) {
        for (String text : List.of(
                piece.repeat(1_000_000 / piece.length()),
                piece + "a".repeat(1_000_000),
                (piece + "a1 ").repeat(1_000_000 / (piece.length() + 3)))) {
            long begun = System.nanoTime();
            redactor.text(text);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
        }
    }

    /// Words, code, hashes and numbers as agents' sessions have them.
    @Test
    void ordinaryTextsHaveNone() {
        Random random = new Random(SEED);
        TreeMap<String, String> wrong = new TreeMap<>();
        for (int i = 0; i < 20_000; i++) {
            String text = OrdinaryText.of(random);
            finder.find(text).forEach(finding -> wrong.put(finding.rule(), text));
        }
        assertThat(wrong).isEmpty();
    }
}
