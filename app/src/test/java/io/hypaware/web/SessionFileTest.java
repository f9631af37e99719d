package io.hypaware.web;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.secret.Redactor;
import io.hypaware.secret.Secrets;
import io.hypaware.testing.PlantedSecrets;
import io.hypaware.testing.RecordedCalls;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A session as a file that stands alone.
class SessionFileTest {

    private static final String KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz";

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void recorded() {
        calls = new RecordedCalls(folder);
        ObjectNode use = toolUse("toolu_1", "Bash");
        use.withObject("input").put("command", "echo " + KEY);
        String prompt = "x".repeat(280) + " " + KEY + " ![shot](http://192.0.2.1/a.png) <img src=http://192.0.2.1/b>";
        calls.call()
                .session("told")
                .messages(message("user", prompt))
                .answer(textBlock("I look. `<b>`"), use)
                .record();
        calls.call()
                .session("told")
                .messages(
                        message("user", prompt),
                        message("assistant", textBlock("I look. `<b>`"), use),
                        message(
                                "user",
                                toolResult(
                                        "toolu_1",
                                        "\u001b[31m" + KEY.substring(0, 8) + "\u001b[0m" + KEY.substring(8))))
                .answer("It says <script>alert(1)</script> the key.")
                .record();
    }

    private String written(SessionFile.Format format, Redactor redactor) throws Exception {
        StringWriter out = new StringWriter();
        calls.settle();
        new SessionFile(TestSite.of(calls), redactor, out).write("told", format);
        return out.toString();
    }

    @ParameterizedTest
    @EnumSource
    void itSaysWhatWasSaidAndFetchesNothing(SessionFile.Format format) throws Exception {
        String text = written(format, Redactor.NONE);
        assertThat(text)
                .contains("I look.")
                .contains("Bash")
                .contains("the key.")
                .contains(KEY);
        if (format != SessionFile.Format.JSONL) {
            // Behind a backslash it is text in Markdown.
            assertThat(text.replace("\\<", ""))
                    .doesNotContain("<script")
                    .doesNotContain("<img src=http")
                    .doesNotContain("![shot]");
        }
    }

    @ParameterizedTest
    @EnumSource
    void keysAreLeftOutWhereverTheyStand(SessionFile.Format format) throws Exception {
        String text = written(format, Secrets.of(new byte[32], List.of()).redactor());
        assertThat(text)
                .contains("redacted:anthropic-key:")
                .doesNotContain("sk-ant")
                .doesNotContain("abcdefghij");
    }

    @ParameterizedTest
    @EnumSource
    void noKindOfSecretIsInAFile(SessionFile.Format format) throws Exception {
        PlantedSecrets secrets = new PlantedSecrets(11);
        List<PlantedSecrets.Planted> planted = new ArrayList<>();
        List<ObjectNode> history = new ArrayList<>();
        for (int kind = 0; kind < secrets.kinds(); kind++) {
            PlantedSecrets.Planted one = secrets.of(kind);
            planted.add(one);
            ObjectNode use = toolUse("toolu_k" + kind, "Bash");
            use.withObject("input").put("command", "echo '" + one.text() + "'").put("x" + kind, one.text());
            history.add(message("user", one.text()));
            history.add(message("assistant", textBlock("so: " + one.text()), use));
            history.add(message("user", toolResult("toolu_k" + kind, "\u001b[1m" + one.text() + "\u001b[0m")));
            history.add(message("assistant", textBlock("done")));
        }
        history.add(message("user", "and now"));
        calls.call().session("told").messages(history).answer("the end").record();
        String text = written(format, Secrets.of(new byte[32], List.of()).redactor());
        for (PlantedSecrets.Planted one : planted) {
            assertThat(text).as(one.rule()).contains("[redacted:" + one.rule() + ":");
            assertThat(text.contains(one.secret().substring(one.secret().length() / 2)))
                    .as(one.rule())
                    .isFalse();
        }
    }

    @Test
    void thePageRunsNothing() throws Exception {
        assertThat(written(SessionFile.Format.HTML, Redactor.NONE))
                .contains("default-src 'none'")
                .doesNotContain("href=\"/")
                .doesNotContain("src=\"/")
                .endsWith("</html>\n");
    }
}
