package io.hypaware.web;

import static io.hypaware.testing.RecordedCalls.JSON;
import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.thinking;
import static io.hypaware.testing.RecordedCalls.toolResult;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.hypaware.testing.AgentSession;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/// Pictures of each page, in both colours and widths, into the folder that `HYP_PICTURES` names. Two of them are the
/// documentation's.
@Timeout(600)
@EnabledIfEnvironmentVariable(named = "HYP_PICTURES", matches = ".+")
class PagePicturesTest {

    @TempDir
    private Path folder;

    private int results;

    @Test
    void ofEachPage() throws Exception {
        RecordedCalls calls = new RecordedCalls(folder.resolve("cache"));
        for (int day = 13; day > 0; day--) {
            AgentSession earlier = new AgentSession(calls, "earlier-" + day, TestSite.NOW.minus(Duration.ofDays(day)));
            earlier.model = day % 3 == 0 ? "claude-haiku-4-5" : "claude-sonnet-4-5";
            earlier.turns(1 + day * 7 % 4);
        }
        story(calls);
        Path pictures = Path.of(System.getenv("HYP_PICTURES"));
        try (Browser browser = Browser.open();
                WebServer server = WebServer.start(TestSite.of(calls), 0, Duration.ofMinutes(10))) {
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                for (int width : List.of(1280, 360)) {
                    Page page = browser.page(server, width, scheme);
                    String own = "http://127.0.0.1:" + server.port();
                    page.navigate(own + "/session?id=flaky");
                    String miss = page.locator("#strip a.miss").first().getAttribute("href");
                    Map<String, String> pages = new LinkedHashMap<>();
                    pages.put("overview", "/");
                    pages.put("sessions", "/sessions?days=0");
                    pages.put("session", "/session?id=flaky");
                    pages.put("exchange", miss);
                    pages.put("search", "/search?q=queue");
                    pages.put(
                            "sql",
                            "/query?sql="
                                    + Html.url(
                                            "select date, sum(cache_read_tokens) as read, sum(cache_write_tokens) as written\n"
                                                    + "from ai_gateway_messages group by 1 order by 1"));
                    pages.put("health", "/health");
                    for (Map.Entry<String, String> one : pages.entrySet()) {
                        page.navigate(own + one.getValue());
                        picture(page, pictures, one.getKey(), width, scheme);
                    }
                    page.navigate(own + "/session?id=flaky");
                    page.locator("#strip a.miss").first().click();
                    page.locator("#panel .verdict").waitFor();
                    picture(page, pictures, "miss", width, scheme);
                    page.context().close();
                }
            }
        }
    }

    private static void picture(Page page, Path folder, String name, int width, ColorScheme scheme) {
        page.waitForTimeout(400);
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(folder.resolve(
                        "%s-%d-%s.png".formatted(name, width, scheme.name().toLowerCase(Locale.ROOT)))));
    }

    /// A session such as people have: a test that fails now and then is mended.
    private void story(RecordedCalls calls) {
        AgentSession session = new AgentSession(calls, "flaky", TestSite.NOW.minus(Duration.ofMinutes(40)));
        session.say("user", "QueueTest.drainsInOrder fails about once in twenty runs. Find out why, and mend it.");
        use(
                session,
                thinking("A test that fails now and then: a race. First the test, then what it tests."),
                "Read",
                "src/test/java/shop/QueueTest.java",
                "void drainsInOrder() {\n    queue.add(1);\n    queue.add(2);\n    assertThat(queue.drain()).containsExactly(1, 2);\n}");
        use(
                session,
                textBlock(
                        "The test adds from one thread and drains on another. Let me see how `drain` decides that it is done."),
                "Read",
                "src/main/java/shop/Queue.java",
                "List<Integer> drain() {\n    List<Integer> all = new ArrayList<>();\n    while (!items.isEmpty()) {\n        all.add(items.poll());\n    }\n    return all;\n}");
        use(
                session,
                textBlock("`isEmpty` may be true while an `add` is still under way. I run it a few times to be sure."),
                "Bash",
                "for i in $(seq 40); do ./mvnw -q test -Dtest=QueueTest || echo failed $i; done",
                "failed 11\nfailed 27");
        session.tools.remove(2);
        session.tools.insert(2, AgentSession.tool("Bash", "runs a command; says its exit code as well"));
        ObjectNode edit = JSON.createObjectNode()
                .put("type", "tool_use")
                .put("id", "edit_1")
                .put("name", "Edit");
        edit.putObject("input")
                .put("file_path", "src/main/java/shop/Queue.java")
                .put(
                        "old_string",
                        "    while (!items.isEmpty()) {\n        all.add(items.poll());\n    }\n    return all;")
                .put("new_string", "    awaitQuiet();\n    items.drainTo(all);\n    return all;");
        session.answer(
                textBlock(
                        "Two of forty. The loop asks and takes in two steps; `drainTo` does it in one, once writers are through:"),
                edit);
        session.history.add(message("user", toolResult("edit_1", "The file has been updated.")));
        use(
                session,
                textBlock("Now many more runs than it took to fail before."),
                "Bash",
                "for i in $(seq 400); do ./mvnw -q test -Dtest=QueueTest || echo failed $i; done; echo through",
                "through");
        session.answer(textBlock("""
                Mended. `drain` asked whether the queue is empty and then took an item, in two steps, so that an `add` in between was missed.

                | | before | after |
                |---|---|---|
                | failures in 400 runs | about 20 | 0 |

                ```java
                awaitQuiet();
                items.drainTo(all);
                ```
                """));
        session.say("user", "Good. Say so in the changelog, too.");
        use(
                session,
                textBlock("One line, under what is not released yet."),
                "Bash",
                "git diff --stat",
                " CHANGELOG.md | 1 +\n Queue.java   | 4 ++--");
        session.answer(textBlock("Done: *Draining a queue no longer misses what is added meanwhile.*"));
    }

    private void use(AgentSession session, ObjectNode said, String tool, String value, String result) {
        String id = "use_" + results++;
        ObjectNode use =
                JSON.createObjectNode().put("type", "tool_use").put("id", id).put("name", tool);
        use.putObject("input").put(tool.equals("Bash") ? "command" : "file_path", value);
        session.answer(said, use);
        session.history.add(message("user", toolResult(id, result)));
    }
}
