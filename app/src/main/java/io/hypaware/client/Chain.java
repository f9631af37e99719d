package io.hypaware.client;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.client.ClientException.Kind;
import io.hypaware.config.ConfigException;
import io.hypaware.config.GatewayConfig;
import io.hypaware.config.UpstreamConfig;
import java.util.Optional;

/// Our config with an upstream for what stood between an agent and its provider before us: its calls go on there.
///
/// @param text of the config as it is to be
public record Chain(UserFile file, String name, String url, String text) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// What is to be changed; nothing, if calls go there already.
    ///
    /// @param name of the upstream, which is that of its provider
    /// @throws ClientException if the config sends this provider's calls elsewhere
    public static Optional<Chain> plan(UserFile file, GatewayConfig config, String name, String url) {
        Optional<UpstreamConfig> current = config.allUpstreams().stream()
                .filter(u -> u.name().equals(name))
                .findFirst();
        if (current.isPresent() && same(current.get().baseUrl(), url)) {
            return Optional.empty();
        }
        if (config.upstreams().stream().anyMatch(u -> u.name().equals(name))) {
            throw new ClientException(
                    Kind.OVERRIDDEN,
                    "the agent's calls go to " + url + " now, and " + file.path() + " sends those of " + name + " to "
                            + current.orElseThrow().baseUrl()
                            + ". Which of the two is meant? Make them the same, then attach again");
        }
        try {
            new UpstreamConfig(name, url, Optional.empty(), Optional.of(name), 0, Optional.empty());
        } catch (ConfigException e) {
            throw new ClientException(
                    Kind.OVERRIDDEN,
                    "the agent's calls go to \"" + url + "\" now, which cannot be an upstream of ours: " + e.reason()
                            + ". Mend or remove it in the agent's settings, then attach again");
        }
        ObjectNode upstream =
                JSON.createObjectNode().put("name", name).put("base_url", url).put("provider", name);
        return Optional.of(new Chain(
                file, name, url, ConfigEdit.of(file).upstream(upstream).text()));
    }

    private static boolean same(String one, String other) {
        return one.replaceFirst("/+$", "").equalsIgnoreCase(other.replaceFirst("/+$", ""));
    }

    /// Writes it; the gateway takes it up at its next start.
    public void apply() {
        file.write(text);
    }

    /// Puts the config back as it was.
    public void undo() {
        UserFile now = UserFile.read(file.path());
        if (file.exists()) {
            now.write(file.text());
        } else {
            now.delete();
        }
    }
}
