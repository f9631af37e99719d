package io.hypaware.client;

import java.util.List;

/// Our skills as Claude Code takes them: it runs the command itself, before the model hears of it, and nothing of them
/// stands in a prompt until the user calls one.
final class ClaudeSkills {

    static List<SkillFiles.Content> files(Skill skill, HypCommand hyp) {
        String command = skill.command(hyp);
        return List.of(new SkillFiles.Content(
                Skill.FILE,
                List.of(
                        "---",
                        "name: " + skill.folder(),
                        "description: " + skill.description(),
                        "disable-model-invocation: true",
                        "allowed-tools:",
                        "  - 'Bash(" + command.replace("'", "''") + ")'"),
                List.of(
                        "---",
                        "",
                        skill.wish() + " This is what its command printed:",
                        "",
                        "```!",
                        command,
                        "```",
                        "",
                        "Tell the user that, in one sentence, and do nothing else. If it says that it was not allowed to"
                                + " run, run it with Bash first: `" + command + "`")));
    }

    private ClaudeSkills() {}
}
