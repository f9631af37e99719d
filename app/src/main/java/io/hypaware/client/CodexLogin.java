package io.hypaware.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;

/// How Codex logs in, which decides where its calls go.
public enum CodexLogin {
    API_KEY,
    CHATGPT;

    /// What is known of the login.
    ///
    /// @param doubt why it may be another one
    record Found(CodexLogin login, Optional<String> doubt) {}

    static Found of(Path folder, Map<String, String> environment) {
        UserFile auth = UserFile.read(folder.resolve("auth.json"));
        if (auth.exists()) {
            return new Found(of(auth), Optional.empty());
        }
        if (environment.containsKey("CODEX_API_KEY") || environment.containsKey("OPENAI_API_KEY")) {
            return new Found(API_KEY, Optional.empty());
        }
        Object named = Toml.parse(UserFile.read(folder.resolve("config.toml")).text())
                .get(List.of("cli_auth_credentials_store"));
        String store = named instanceof String text ? text : "file";
        String where = store.equals("keyring") || store.equals("auto")
                ? "Codex keeps its login in the keyring, which is not read"
                : "Codex is not logged in";
        return new Found(
                CHATGPT,
                Optional.of(where
                        + "; this is for an account of ChatGPT. With an API key: hyp attach codex --login api-key"));
    }

    private static CodexLogin of(UserFile auth) {
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(auth.text());
        } catch (JsonProcessingException e) {
            throw new ClientException(
                    ClientException.Kind.MALFORMED, auth.path() + " is no JSON; run codex login, then try again");
        }
        String mode = json.path("auth_mode").asText("");
        if (!mode.isEmpty()) {
            return mode.toLowerCase(Locale.ROOT).startsWith("chatgpt") ? CHATGPT : API_KEY;
        }
        // Newer ones leave the mode out.
        return json.path("tokens").isObject() && !json.path("OPENAI_API_KEY").isTextual() ? CHATGPT : API_KEY;
    }
}
