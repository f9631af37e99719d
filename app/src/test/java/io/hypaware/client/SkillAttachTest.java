package io.hypaware.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Agents' users are given skills, and all else in their folders keeps every byte.
class SkillAttachTest {

    private static final HypCommand HYP = new HypCommand("/opt/it's here/hyp", Map.of("HYP_HOME", "/data/\"the\" hyp"));
    private static final HypCommand PLAIN = new HypCommand("/usr/local/bin/hyp", Map.of());

    @TempDir
    private Path home;

    private ClaudeCode claude;
    private Codex codex;
    private Path claudes;
    private Path codexs;

    @BeforeEach
    void agents() throws IOException {
        claude = new ClaudeCode(Map.of("HOME", home.toString()), home);
        codex = new Codex(Map.of("HOME", home.toString()), Optional.of(CodexLogin.API_KEY));
        claudes = Files.createDirectories(home.resolve(".claude")).resolve("skills");
        codexs = Files.createDirectories(home.resolve(".codex")).resolve("skills");
    }

    @Test
    void claudeCodeRunsTheCommandAndTheModelDoesNotKnowOfIt() throws IOException {
        claude.attachSkills(HYP).apply();
        assertThat(claudes.resolve("hypaware-ignore/SKILL.md")).content().isEqualTo("""
                        ---
                        name: hypaware-ignore
                        description: Take this session out of what HypAware records
                        disable-model-invocation: true
                        allowed-tools:
                          - 'Bash(HYP_HOME=''/data/"the" hyp'' ''/opt/it''\\''''s here/hyp'' session ignore --current)'
                        # Written by hyp attach --skills; hyp detach takes it away. The folder of skills was not there. HASH
                        ---

                        The user does not want HypAware to record this session. This is what its command printed:

                        ```!
                        HYP_HOME='/data/"the" hyp' '/opt/it'\\''s here/hyp' session ignore --current
                        ```

                        Tell the user that, in one sentence, and do nothing else. If it says that it was not allowed to run, run it with Bash first: `HYP_HOME='/data/"the" hyp' '/opt/it'\\''s here/hyp' session ignore --current`
                        """.replace("HASH", hash(claudes)));
        assertThat(claudes.resolve("hypaware-unignore/SKILL.md")).content().contains("session unignore --current\n");
        assertThat(claudes.resolve("hypaware-status/SKILL.md"))
                .content()
                .contains("session status --current || true\n");
    }

    @Test
    void codexsModelRunsTheCommandAndDoesNotKnowOfItUntilThen() throws IOException {
        codex.attachSkills(PLAIN).apply();
        assertThat(codexs.resolve("hypaware-ignore/SKILL.md"))
                .content()
                .startsWith("---\nname: hypaware-ignore\ndescription: Take this session out of")
                .contains("\n---\n", "```sh\n/usr/local/bin/hyp session ignore --current\n```\n");
        assertThat(codexs.resolve("hypaware-ignore/agents/openai.yaml"))
                .content()
                .endsWith("\npolicy:\n  allow_implicit_invocation: false\n");
    }

    private static String hash(Path skills) throws IOException {
        return Files.readString(skills.resolve("hypaware-ignore/SKILL.md"))
                .replaceAll("(?s).*not there\\. ([0-9a-f]{24})\\n.*", "$1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "skills/", "skills/theirs/SKILL.md", "skills/hypaware/SKILL.md", "skills/.system/x"})
    void theFolderIsAsItWas(String before) throws IOException {
        for (Agent agent : new Agent[] {claude, codex}) {
            Path folder = agent.settings().resolveSibling("");
            if (before.endsWith("/")) {
                Files.createDirectories(folder.resolve(before));
            } else if (!before.isEmpty()) {
                Files.createDirectories(folder.resolve(before).resolve(".."));
                Files.createDirectories(folder.resolve(before).getParent());
                Files.writeString(folder.resolve(before), "theirs\r\n");
            }
            Map<String, String> was = tree(folder);

            agent.attachSkills(HYP).apply();
            Map<String, String> is = tree(folder);
            assertThat(is).containsKeys("skills/hypaware-ignore/SKILL.md", "skills/hypaware-status/SKILL.md");
            assertThat(agent.attachSkills(HYP).changed()).isFalse();
            // Another version is elsewhere.
            assertThat(agent.attachSkills(PLAIN).changed()).isTrue();
            agent.attachSkills(PLAIN).apply();
            assertThat(tree(folder).values().toString())
                    .contains("/usr/local/bin/hyp")
                    .doesNotContain("/opt/it");

            agent.detachSkills().apply();
            assertThat(tree(folder)).isEqualTo(was);
            assertThat(agent.detachSkills().changed()).isFalse();
            assertThat(agent.detachSkills().notes()).isEmpty();
        }
    }

    @Test
    void whatTheUserChangedStaysWhole() throws IOException {
        codex.attachSkills(PLAIN).apply();
        Path changed = codexs.resolve("hypaware-ignore/SKILL.md");
        Files.writeString(changed, Files.readString(changed).replace("once", "twice"));
        Map<String, String> was = tree(codexs.resolve("hypaware-ignore"));

        SkillChange again = codex.attachSkills(HYP);
        assertThat(again.notes()).singleElement().asString().contains(changed + " is not as we wrote it; it stays");
        again.apply();
        assertThat(tree(codexs.resolve("hypaware-ignore"))).isEqualTo(was);

        SkillChange detached = codex.detachSkills();
        assertThat(detached.notes()).singleElement().asString().contains(changed.toString());
        detached.apply();
        // Without the file beside it, the model would know of the skill.
        assertThat(tree(codexs)).hasSize(2);
        assertThat(tree(codexs.resolve("hypaware-ignore"))).isEqualTo(was);
    }

    @Test
    void whatTheUserHadUnderThatNameStays() throws IOException {
        Path theirs = claudes.resolve("hypaware-ignore/SKILL.md");
        Files.createDirectories(theirs.getParent());
        Files.write(theirs, new byte[] {'-', (byte) 0xff, '\n'});
        SkillChange change = claude.attachSkills(PLAIN);
        assertThat(change.notes()).singleElement().asString().contains(theirs.toString());
        change.apply();
        assertThat(claudes.resolve("hypaware-unignore/SKILL.md")).exists();
        claude.detachSkills().apply();
        assertThat(tree(claudes)).hasSize(1);
        assertThat(theirs).hasBinaryContent(new byte[] {'-', (byte) 0xff, '\n'});
    }

    @Test
    void whatTheUserPutBesideItStays() throws IOException {
        claude.attachSkills(PLAIN).apply();
        Files.writeString(claudes.resolve("hypaware-status/notes.md"), "mine");
        claude.detachSkills().apply();
        assertThat(tree(claudes)).isEqualTo(Map.of("hypaware-status/notes.md", "mine"));
    }

    @Test
    void itFollowsTheAgentsFolders() throws IOException {
        Path folder = home.resolve("elsewhere");
        new ClaudeCode(Map.of("HOME", home.toString(), "CLAUDE_CONFIG_DIR", folder.toString()), home)
                .attachSkills(PLAIN)
                .apply();
        new Codex(
                        Map.of(
                                "HOME",
                                home.toString(),
                                "CODEX_HOME",
                                folder.resolve("codex").toString()),
                        Optional.empty())
                .attachSkills(PLAIN)
                .apply();
        assertThat(folder.resolve("skills/hypaware-ignore/SKILL.md")).exists();
        assertThat(folder.resolve("codex/skills/hypaware-ignore/SKILL.md")).exists();
        assertThat(claudes).doesNotExist();
        assertThat(codexs).doesNotExist();
    }

    /// In a skill, they would be put in, or end the command.
    @ParameterizedTest
    @ValueSource(strings = {"/a`b", "/a$1", "/a (b)", "/a*", "/a\nb"})
    void aPathThatASkillCannotSayIsRefused(String path) {
        assertThatThrownBy(() -> claude.attachSkills(new HypCommand(path, Map.of())))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("cannot say");
        assertThat(claudes).doesNotExist();
    }

    private static Map<String, String> tree(Path folder) throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.toList()) {
                if (Files.isRegularFile(path)) {
                    found.put(folder.relativize(path).toString(), Files.readString(path, ISO_8859_1));
                } else if (!path.equals(folder) && isEmpty(path)) {
                    found.put(folder.relativize(path) + "/", "");
                }
            }
        }
        return found;
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.findAny().isEmpty();
        }
    }
}
