package io.hypaware.client;

import java.util.List;

/// Our skills as Codex takes them: the model runs the command. Their names and descriptions stand in no prompt, as a
/// file beside each says.
final class CodexSkills {

    static final String AGENTS = "agents";
    static final String POLICY = AGENTS + "/openai.yaml";

    static List<SkillFiles.Content> files(Skill skill, HypCommand hyp) {
        return List.of(
                new SkillFiles.Content(
                        Skill.FILE,
                        List.of("---", "name: " + skill.folder(), "description: " + skill.description()),
                        List.of(
                                "---",
                                "",
                                skill.wish()
                                        + " Run this command as it stands, once. It writes outside of the workspace:"
                                        + " where there is a sandbox, ask to run it outside of that.",
                                "",
                                "```sh",
                                skill.command(hyp),
                                "```",
                                "",
                                "Tell the user in one sentence what it printed, and do nothing else.")),
                new SkillFiles.Content(POLICY, List.of(), List.of("policy:", "  allow_implicit_invocation: false")));
    }

    private CodexSkills() {}
}
