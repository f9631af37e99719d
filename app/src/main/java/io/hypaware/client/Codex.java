package io.hypaware.client;

import io.hypaware.home.HypHome;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Codex: `config.toml` in `CODEX_HOME`, else in `~/.codex`.
///
/// @param login as the user says it; else it is found
public record Codex(Map<String, String> environment, Optional<CodexLogin> login) implements Agent {

    @Override
    public String name() {
        return "codex";
    }

    @Override
    public String title() {
        return "Codex";
    }

    private Path folder() {
        String named = environment.getOrDefault("CODEX_HOME", "");
        return named.isEmpty() ? HypHome.userHome(environment).resolve(".codex") : Path.of(named);
    }

    @Override
    public Path settings() {
        return folder().resolve("config.toml");
    }

    @Override
    public Optional<Integer> attachedPort() {
        return CodexConfig.port(UserFile.read(settings()));
    }

    @Override
    public Attachment attach(Address address) {
        if (address.bodies().isPresent()) {
            throw new ClientException(
                    ClientException.Kind.UNSUPPORTED, "Codex cannot write down what it sends; attach it --via gateway");
        }
        CodexLogin.Found found = login.map(known -> new CodexLogin.Found(known, Optional.empty()))
                .orElseGet(() -> CodexLogin.of(folder(), environment));
        Attachment attachment = CodexConfig.attach(UserFile.read(settings()), address, found.login());
        List<String> notes = new ArrayList<>(attachment.notes());
        found.doubt().ifPresent(notes::add);
        return attachment.withNotes(notes);
    }

    @Override
    public Optional<Instant> lastUsed() {
        return Newest.in(folder().resolve("sessions"), 4);
    }

    @Override
    public List<String> upstreams() {
        return List.of("openai", "chatgpt");
    }

    @Override
    public Attachment detach() {
        return CodexConfig.detach(UserFile.read(settings()));
    }

    @Override
    public Attachment attachMcp(HypCommand entry) {
        return CodexMcp.attach(UserFile.read(settings()), entry);
    }

    @Override
    public Attachment detachMcp() {
        return CodexMcp.detach(UserFile.read(settings()));
    }

    private Path skills() {
        return folder().resolve("skills");
    }

    @Override
    public SkillChange attachSkills(HypCommand hyp) {
        return SkillFiles.attach(skills(), skill -> CodexSkills.files(skill, hyp));
    }

    @Override
    public SkillChange detachSkills() {
        return SkillFiles.detach(skills());
    }

    @Override
    public String skillSign() {
        return "$";
    }

    @Override
    public List<String> overrides(int port, boolean isTelling) {
        return CodexConfig.overrides(UserFile.read(settings()));
    }
}
