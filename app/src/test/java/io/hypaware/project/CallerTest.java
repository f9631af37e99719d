package io.hypaware.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who calls, and from where, as clients say it in their several ways.
class CallerTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "- | - | - | -",
                "s1 | - | s1 | -",
                "- | user_ab12_account_a-1_session_s-2 | s-2 | a-1",
                "- | user_ab12_account__session_s-2 | s-2 | user_ab12",
                "s1 | user_ab12_account_a-1_session_s-2 | s1 | a-1",
                "- | {\"session_id\": \"s3\", \"account_uuid\": \"a3\"} | s3 | a3",
                "- | {\"session_id\": \"\", \"device_id\": \"d3\"} | - | d3",
                "- | {torn | - | {torn",
                "- | somebody | - | somebody",
            })
    void aCallNamesItsSessionAndUser(String header, String userId, String session, String user) {
        Caller caller = Caller.of(Optional.ofNullable(header), Optional.ofNullable(userId));
        assertThat(caller.id()).isEqualTo(Optional.ofNullable(session));
        assertThat(caller.userId()).isEqualTo(Optional.ofNullable(user));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "- | - | - | - | -",
                "claude-cli/2.0.1 (external, cli) | claude | 2.0.1 | external | cli",
                "claude-cli/2.0.1 (external, sdk-ts, agent-sdk/0.1) | claude | 2.0.1 | external | sdk-ts",
                "codex_cli_rs/0.50.0 (Debian 12; x86_64) | codex | 0.50.0 | - | -",
                "AsyncOpenAI/Python 1.2.3 | openai-python | 1.2.3 | - | -",
                "Anthropic/JS 0.71.0 | anthropic-js | 0.71.0 | - | -",
                "curl | curl | - | - | -",
            })
    void aUserAgentIsAClient(String header, String name, String version, String type, String entrypoint) {
        Client client = Client.of(Optional.ofNullable(header));
        assertThat(client)
                .isEqualTo(new Client(
                        Optional.ofNullable(name),
                        Optional.ofNullable(version),
                        Optional.ofNullable(type),
                        Optional.ofNullable(entrypoint)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "You work.\\nWorking directory: /home/a b\\nCurrent branch: main\\n | /home/a b | main",
                " - Primary working directory: /x  \\n | /x | -",
                "<cwd>/x</cwd> | - | -",
                "no folder here | - | -",
            })
    void aSystemTextNamesTheFolder(String text, String path, String branch) {
        WorkingFolder folder = WorkingFolder.of(text.replace("\\n", "\n"));
        assertThat(folder).isEqualTo(new WorkingFolder(Optional.ofNullable(path), Optional.ofNullable(branch)));
    }
}
