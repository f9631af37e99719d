package io.hypaware.smoke;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What each smoke does: commands and calls as a person makes them, and what has to come of each.
final class Flows {

    private static final String MESSAGES = "ai_gateway_messages";

    private static final String SETTINGS = """
            {
              "model": "opus",
              "env": {
                "MINE": "1"
              }
            }
            """;

    static void boot(Stage stage) throws IOException, InterruptedException {
        stage.expect("the version is said", stage.hyp("--version"), "hyp ");
        JsonNode status = stage.json("status", "--json");
        stage.same("an empty home is healthy", status.path("overall").asText(), "healthy");
        stage.same("no recorder runs", status.path("gateway").path("running").asBoolean(), false);
        stage.check(
                "and none was made", Files.notExists(stage.home().resolve("hypaware/cache")), "no cache", "a cache");
    }

    static void config(Stage stage) throws IOException, InterruptedException {
        stage.configure();
        stage.expect("a config is valid", stage.hyp("config", "validate"), "is valid");
        Files.writeString(
                stage.config(), "{\"version\": 2, \"query\": {\"cache\": {\"retention\": {\"default_days\": \"x\"}}}}");
        stage.expect(
                "a wrong type is said with its place",
                stage.hyp("config", "validate"),
                "/query/cache/retention/default_days");
        stage.check("and fails", stage.code() != 0, "another code than 0", stage.code());
        Files.writeString(stage.config(), "{");
        stage.expect("what is no JSON is said", stage.hyp("config", "validate"), "not valid JSON");
    }

    static void roundTrip(Stage stage) throws IOException, InterruptedException {
        stage.configure();
        stage.up();
        for (int i = 0; i < 50; i++) {
            stage.say("question " + i);
        }
        stage.same("50 calls are 100 rows", stage.value("select count(*) from " + MESSAGES), "100");
        stage.hyp("query", "refresh");
        stage.same("and 100 in the lake", stage.value("select count(*) from " + MESSAGES), "100");
    }

    static void batching(Stage stage) throws IOException, InterruptedException {
        stage.configure();
        stage.up();
        for (int i = 0; i < 20; i++) {
            stage.say("question " + i);
        }
        stage.same("they can be asked for at once", stage.value("select count(*) from " + MESSAGES), "40");
        JsonNode before = stage.json("status", "--json").path("datasets").path(MESSAGES);
        stage.same(
                "they wait",
                before.path("rows_hot").asLong() + " and "
                        + before.path("files").asLong(),
                "40 and 0");
        stage.hyp("query", "refresh");
        JsonNode after = stage.json("status", "--json").path("datasets").path(MESSAGES);
        stage.same(
                "one flush is one file",
                after.path("rows_lake").asLong() + " in " + after.path("files").asLong(),
                "40 in 1");
    }

    static void maintenance(Stage stage) throws IOException, InterruptedException {
        stage.configure();
        stage.up();
        for (int i = 0; i < 4; i++) {
            stage.say("question " + i);
            stage.hyp("query", "refresh");
        }
        JsonNode before = stage.json("status", "--json").path("datasets").path(MESSAGES);
        stage.same("four flushes are four files", before.path("files").asLong(), 4L);
        stage.hyp("query", "maintain", "--force");
        stage.same("maintenance ends well", stage.code(), 0);
        JsonNode after = stage.json("status", "--json").path("datasets").path(MESSAGES);
        stage.same("they are one", after.path("files").asLong(), 1L);
        stage.same("with all rows", stage.value("select count(distinct content_text) from " + MESSAGES), "5");
        stage.expect("and each file is whole", stage.hyp("cache", "check"), "all is well");
    }

    static void claude(Stage stage) throws IOException, InterruptedException {
        stage.configure();
        stage.up();
        String answer = stage.call(
                "/v1/messages?tools",
                """
                {"model":"claude-smoke","stream":true,"max_tokens":9,"metadata":{"user_id":"{\\"session_id\\":\\"11111111-2222-3333-4444-555555555555\\"}"},\
                "tools":[{"name":"look","input_schema":{"type":"object"}}],"messages":[{"role":"user","content":"look at it"}]}""",
                "anthropic-version",
                "2023-06-01",
                "user-agent",
                "claude-cli/2.1.197 (external, cli)",
                "x-api-key",
                "sk-ant-smoke-000000000000");
        stage.expect("the stream comes whole", answer, "message_stop");
        stage.same(
                "question and tool call are rows of the session",
                stage.value(
                        "select string_agg(role || ' ' || part_type || ' ' || coalesce(tool_name, ''), ', ' order by message_index) from "
                                + MESSAGES + " where session_id = '11111111-2222-3333-4444-555555555555'"),
                "user text , assistant tool_call look");
        stage.same(
                "the client is known",
                stage.value("select distinct client_name || ' ' || client_version from " + MESSAGES),
                "claude 2.1.197");
        stage.same(
                "the key is nowhere",
                stage.value("select count(*) from exchanges where request_headers::varchar like '%sk-ant-smoke%'"),
                "0");
    }

    static void codex(Stage stage) throws IOException, InterruptedException {
        stage.configure();
        stage.up();
        stage.call(
                "/v1/chat/completions",
                "{\"model\":\"gpt-smoke\",\"messages\":[{\"role\":\"user\",\"content\":\"by chat\"}]}");
        stage.expect(
                "the stream comes whole",
                stage.call(
                        "/backend-api/codex/responses",
                        "{\"model\":\"gpt-smoke\",\"stream\":true,\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"by codex\"}]}]}",
                        "session-id",
                        "smoke-session",
                        "originator",
                        "codex_cli_rs"),
                "response.completed");
        stage.same(
                "four rows of two ways",
                stage.value("select string_agg(provider || ' ' || role, ', ' order by provider, message_index) from "
                        + MESSAGES),
                "chatgpt user, chatgpt assistant, openai user, openai assistant");
        stage.same("usage is said", stage.value("select sum(input_tokens)::bigint from " + MESSAGES), "14");
    }

    static void status(Stage stage) throws IOException, InterruptedException {
        stage.configure();
        stage.up();
        JsonNode status = stage.json("status", "--json");
        stage.same("all is well", status.path("overall").asText(), "healthy");
        for (String field :
                List.of("config", "daemon", "clients", "client_attach", "datasets", "diagnostics", "gateway")) {
            stage.check("it has " + field, status.has(field), field, status);
        }
        stage.expect("doctor finds nothing", stage.hyp("doctor"), "all is well");
        stage.hyp("attach", "claude", "--yes");
        stage.hyp("down");
        status = stage.json("status", "--json");
        stage.same(
                "an agent without a recorder is found",
                status.path("diagnostics").path(0).path("kind").asText(),
                "client_without_gateway");
        stage.same("which is an error", status.path("overall").asText(), "degraded");
        stage.expect("doctor mends it", stage.hyp("doctor", "--fix"), "-> hyp up");
        stage.same(
                "all is well again",
                stage.json("status", "--json").path("overall").asText(),
                "healthy");
        Files.writeString(stage.config(), "{");
        status = stage.json("status", "--json");
        stage.same(
                "a broken config is found",
                status.path("diagnostics").path(0).path("kind").asText(),
                "config_invalid");
        stage.same("and said to be invalid", status.path("config").path("valid").asBoolean(), false);
    }

    static void attach(Stage stage) throws IOException, InterruptedException {
        stage.configure();
        stage.up();
        Path settings = stage.user().resolve(".claude/settings.json");
        Files.writeString(settings, SETTINGS);
        stage.expect(
                "Claude Code is attached",
                stage.hyp("attach", "claude"),
                "is attached to http://127.0.0.1:" + stage.port());
        String attached = Files.readString(settings);
        stage.expect(
                "its calls go here", attached, "\"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:" + stage.port() + "\"");
        stage.expect("the user's are there", attached, "\"MINE\": \"1\",");
        stage.expect("it is detached", stage.hyp("detach", "claude"), "is detached");
        stage.same("every byte is as it was", Files.readString(settings), SETTINGS);
    }

    static void attachAgain(Stage stage) throws IOException, InterruptedException {
        stage.configure();
        Path settings = stage.user().resolve(".claude/settings.json");
        Files.writeString(settings, SETTINGS);
        stage.expect("without a recorder it is refused", stage.hyp("attach", "claude"), "hyp up");
        stage.same("and fails", stage.code(), 1);
        stage.up();
        stage.same(
                "attached, the file changes",
                stage.json("attach", "claude", "--json").path("changed").asBoolean(),
                true);
        String once = Files.readString(settings);
        stage.same(
                "again, it does not",
                stage.json("attach", "claude", "--json").path("changed").asBoolean(),
                false);
        stage.same("by a byte", Files.readString(settings), once);
        stage.same(
                "detached, it changes",
                stage.json("detach", "claude", "--json").path("changed").asBoolean(),
                true);
        stage.same(
                "again, it does not",
                stage.json("detach", "claude", "--json").path("changed").asBoolean(),
                false);
        stage.hyp("attach", "claude");
        Files.writeString(settings, Files.readString(settings).replace("\"MINE\": \"1\"", "\"MINE\": \"2\""));
        stage.hyp("detach", "claude");
        stage.same("what was changed meanwhile stays", Files.readString(settings), SETTINGS.replace("\"1\"", "\"2\""));
    }

    static void foreground(Stage stage) throws IOException, InterruptedException {
        stage.configure();
        Process daemon = stage.command("daemon", "run", "--foreground")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        for (int i = 0; i < 300 && daemon.isAlive() && !answers(stage); i++) {
            Thread.sleep(100);
        }
        stage.expect("it answers", stage.hyp("status"), "pid " + daemon.pid());
        stage.expect("a call passes", stage.say("hello"), "here you are");
        daemon.destroy();
        stage.check("told to, it ends", daemon.waitFor(30, TimeUnit.SECONDS), "an end", "none");
        stage.same("in good order", daemon.exitValue(), 0);
        stage.same("the call is recorded", stage.value("select count(*) from " + MESSAGES), "2");
    }

    private static boolean answers(Stage stage) {
        try {
            stage.call("/_hypaware/echo", "1");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static void service(Stage stage) throws IOException, InterruptedException {
        Path bin = Files.writeString(stage.user().resolve("hyp"), "#!/bin/sh\n");
        stage.check("there is a program to start", bin.toFile().setExecutable(true), "a program", bin);
        JsonNode linux = render(stage, "linux", bin);
        stage.expect(
                "systemd starts it", linux.path("content").asText(), "ExecStart=\"" + bin + "\" \"daemon\" \"run\"");
        stage.expect("and always again", linux.path("content").asText(), "Restart=always");
        stage.same("under its name", linux.path("unitName").asText(), "hypaware.service");
        JsonNode mac = render(stage, "darwin", bin);
        stage.expect("launchd starts it", mac.path("content").asText(), "<string>" + bin + "</string>");
        stage.same("under its name", mac.path("label").asText(), "com.hyperparam.hypaware");
        stage.check(
                "nothing was installed",
                Files.notExists(stage.user().resolve(".config/systemd"))
                        && Files.notExists(stage.user().resolve("Library")),
                "no file",
                "one");
    }

    private static JsonNode render(Stage stage, String platform, Path bin) throws IOException, InterruptedException {
        return stage.json("daemon", "install", "--platform", platform, "--bin", bin.toString(), "--dry-run", "--json");
    }

    static void preset(Stage stage) throws IOException, InterruptedException {
        stage.expect(
                "the preset writes a config",
                stage.hyp("init", "claude-and-otel-local", "--no-daemon"),
                "Config written: " + stage.config());
        stage.expect("which is valid", stage.hyp("config", "validate"), "is valid");
        firstQuery(stage);
    }

    static void picker(Stage stage) throws IOException, InterruptedException {
        Files.createDirectories(stage.user().resolve(".codex"));
        String plan = stage.hyp("init", "--yes", "--dry-run", "--retention-days=30");
        stage.expect("the plan names who is here", plan, "record    Claude Code and Codex");
        stage.expect("and how long is kept", plan, "keep      30 days");
        stage.check("nothing was written", Files.notExists(stage.config()), "no config", "one");
        stage.hyp("init", "--yes", "--no-daemon", "--retention-days=30");
        stage.expect("the config says so", Files.readString(stage.config()), "\"default_days\": 30");
        firstQuery(stage);
    }

    /// From a config that was written to a row: with the provider here in place of those of the world.
    private static void firstQuery(Stage stage) throws IOException, InterruptedException {
        String gateway = "\"name\": \"@hypaware/ai-gateway\"";
        Files.writeString(
                stage.config(),
                Files.readString(stage.config())
                        .replace(
                                gateway,
                                gateway + ", \"config\": {\"port\": " + stage.port() + ", \"upstreams\": ["
                                        + stage.upstreams() + "]}"));
        stage.up();
        stage.expect("a call passes", stage.say("my first"), "here you are");
        stage.same(
                "and is a row",
                stage.value("select content_text from " + MESSAGES + " where role = 'user'"),
                "my first");
    }

    private Flows() {}
}
