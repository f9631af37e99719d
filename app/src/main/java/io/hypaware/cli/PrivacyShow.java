package io.hypaware.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.ResultWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;

/// What would happen to a call from a folder, and why.
record PrivacyShow(Path folder, Optional<String> client, PrivacyRules.Verdict verdict) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// Some agent, where none is named.
    private static final String ANY = "any";

    PrivacyShow(Cache cache, Path folder, Optional<String> client) {
        this(
                folder,
                client,
                PrivacyRules.of(cache.privacyList())
                        .of(Optional.of(folder.toString()), Optional.of(client.orElse(ANY))));
    }

    String json() {
        ObjectNode shown = JSON.createObjectNode()
                .put("path", folder.toString())
                .put("class", verdict.is().word())
                .put("recorded", !verdict.isIgnored())
                .put("leaves_machine", verdict.is() == PrivacyClass.SYNC);
        client.ifPresent(name -> shown.put("client", name));
        var reasons = shown.putArray("reasons");
        verdict.reasons()
                .forEach(reason ->
                        reasons.addObject().put("class", reason.is().word()).put("text", reason.text()));
        return shown.toPrettyString();
    }

    /// Prints it.
    ///
    /// @return the exit code
    int print(PrintWriter out) {
        out.println(ResultWriter.shown(client.map(name -> folder + ", " + name).orElse(folder.toString())));
        out.println("class    " + verdict.is().word());
        out.println("a call   goes through as always; "
                + switch (verdict.is()) {
                    case SYNC -> "it is recorded, and goes where you have that set up";
                    case LOCAL_ONLY -> "it is recorded, and stays on this machine";
                    case IGNORE -> "nothing of it is recorded";
                });
        if (verdict.reasons().isEmpty()) {
            out.println("because  nothing says anything else");
        }
        verdict.reasons().forEach(reason -> out.println("because  " + ResultWriter.shown(reason.text())));
        out.flush();
        return 0;
    }
}
