package io.hypaware.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.hypaware.journal.Outcome;
import io.hypaware.testing.AgentSession;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The page in a real browser: it shows what was recorded, runs nothing of it, and asks no one else.
class WebPageTest {

    private static final Instant START = Instant.parse("2026-03-01T09:00:00Z");
    private static final Set<String> SERIOUS = Set.of("serious", "critical");
    private static final String ATTACK =
            "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
                    + "\"><svg onload=document.title='run'> [x](javascript:document.title='run') ![x](http://192.0.2.1/x.png)"
                    + " \u202egnp \u001b[31mred\u001b[0m \u0007 </textarea></title><iframe src=http://192.0.2.1></iframe>";

    @TempDir
    private static Path folder;

    private static RecordedCalls calls;
    private static WebServer server;
    private static Browser browser;

    @BeforeAll
    static void recorded() throws Exception {
        browser = Browser.open();
        calls = new RecordedCalls(folder.resolve("cache"));
        AgentSession session = new AgentSession(calls, "with-a-miss", START);
        session.turns(2);
        session.tools.remove(0);
        session.tools.insert(0, AgentSession.tool("Read", "reads a file, and says now how many lines it has"));
        session.turns(1);
        hostile();
        calls.call()
                .session("cut")
                .startedAt(START.plusSeconds(60))
                .messages(message("user", "a call that is cut"))
                .answer("half an ans")
                .outcome(Outcome.UPSTREAM_CUT)
                .record();
        server = WebServer.start(TestSite.of(calls), 0, Duration.ofMinutes(10));
    }

    /// Whatever a caller chooses says something to a browser.
    private static void hostile() {
        ObjectNode use = toolUse("toolu_h", "Bash" + ATTACK);
        use.withObject("input").put("command", ATTACK).put("old_string", ATTACK).put("new_string", ATTACK + "x");
        calls.call()
                .session("hostile" + ATTACK)
                .startedAt(START.plusSeconds(1_000))
                .header("user-agent", ATTACK)
                .path("/v1/messages?x=" + ATTACK.replace(" ", "+"))
                .responseHeader("x-note", ATTACK)
                .set("model", RecordedCalls.JSON.getNodeFactory().textNode(ATTACK))
                .system(ATTACK)
                .messages(message("user", ATTACK + " " + "longline".repeat(5_000)))
                .answer(textBlock(ATTACK), use)
                .record();
        calls.call()
                .session("hostile" + ATTACK)
                .startedAt(START.plusSeconds(1_020))
                .messages(
                        message("user", ATTACK + " " + "longline".repeat(5_000)),
                        message("assistant", textBlock(ATTACK), use),
                        message("user", toolResult("toolu_h", ATTACK)))
                .answer("```html\n" + ATTACK + "\n```\n| a | b |\n|---|---|\n| " + ATTACK.replace("|", "") + " | 2 |\n"
                        + ">".repeat(3_000))
                .record();
    }

    @AfterAll
    static void closed() {
        if (server != null) {
            server.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    @AfterEach
    void nothingWasComplainedOf() {
        List<String> complaints = List.copyOf(browser.complaints);
        browser.complaints.clear();
        assertThat(complaints).isEmpty();
    }

    private static String at(String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"1280,LIGHT", "360,DARK"})
    void everyPageIsAccessibleAndFits(int width, ColorScheme scheme) {
        Page page = browser.page(server, width, scheme);
        page.navigate(at("/sessions?days=0"));
        List<String> paths = new ArrayList<>(List.of(
                "/",
                "/sessions?days=0",
                "/query?sql=" + Html.url("select role, count(*) n from ai_gateway_messages group by 1"),
                "/search?q=question",
                "/health",
                "/session?id=with-a-miss"));
        page.navigate(at("/session?id=with-a-miss"));
        paths.add(page.locator("#strip a.miss").first().getAttribute("href"));
        for (String path : paths) {
            page.navigate(at(path));
            String report = scheme + " " + width + " " + path;
            assertThat((int) page.evaluate("document.documentElement.scrollWidth"))
                    .as(report)
                    .isLessThanOrEqualTo(width);
            List<String> violations = new AxeBuilder(page)
                    .analyze().getViolations().stream()
                            .filter(rule -> SERIOUS.contains(rule.getImpact()))
                            .map((Rule rule) -> rule.getId() + " "
                                    + rule.getNodes().stream()
                                            .limit(3)
                                            .map(n -> n.getHtml())
                                            .toList())
                            .toList();
            assertThat(violations).as(report).isEmpty();
        }
        page.context().close();
    }

    @Tag("slow")
    @Test
    void aSessionGrowsWhileItIsLookedAt() {
        AgentSession live = new AgentSession(calls, "live", Instant.parse("2026-03-01T11:00:00Z"));
        live.turns(1);
        Page page = browser.page(server, 1280, ColorScheme.LIGHT);
        page.navigate(at("/session?id=live"));
        assertThat(page.locator(".said.tool")).hasCount(1);
        int bars = page.locator("#strip .bar").count();
        live.say("user", "what comes while somebody looks");
        live.call("on it", true);
        assertThat(page.getByText("what comes while somebody looks")).isVisible();
        assertThat(page.locator(".said.tool")).hasCount(2);
        assertThat(page.locator("#strip .bar")).hasCount(bars + 1);
        live.history.add(message("user", toolResult(lastCall(live), "the late result")));
        live.call("done", false);
        page.locator(".said.tool summary").last().click();
        assertThat(page.getByText("the late result")).isVisible();
        assertThat(page.locator(".said")).hasCount(page.locator(".said").count());
        page.context().close();
    }

    private static String lastCall(AgentSession session) {
        return session.history.getLast().path("content").path(1).path("id").asText();
    }

    @Test
    void aMissLeadsToWhatBrokeTheCache() {
        Page page = browser.page(server, 1280, ColorScheme.LIGHT);
        page.navigate(at("/session?id=with-a-miss"));
        page.locator("#strip a.miss").first().click();
        assertThat(page.locator("#panel .verdict")).containsText("tool changed");
        assertThat(page.locator("#panel .verdict")).containsText("tool Read");
        assertThat(page.locator("#panel .element.edited .diff .new").first()).containsText("how many lines it has");
        page.keyboard().press("Escape");
        assertThat(page.locator("#panel .call")).hasCount(0);
        page.context().close();
    }

    @Test
    void whatIsSearchedIsFoundWhereItStands() {
        Page page = browser.page(server, 1280, ColorScheme.LIGHT);
        page.keyboard().press("/");
        page.keyboard().type("\"question 1\"");
        page.keyboard().press("Enter");
        assertThat(page.locator(".row mark").first()).isVisible();
        page.locator(".row .what").first().click();
        assertThat(page.locator("h1")).isVisible();
        assertThat(page.getByText("question 1").first()).isVisible();
        page.context().close();
    }

    @Test
    void sqlAnswersAndRefuses() {
        Page page = browser.page(server, 1280, ColorScheme.LIGHT);
        page.navigate(at("/query"));
        page.locator("textarea")
                .fill(
                        "select role, sum(1) as n from ai_gateway_messages where session_id = 'cut' group by 1 order by 1");
        page.keyboard().press("Control+Enter");
        assertThat(page.locator(".wide tbody tr").first()).containsText("assistant");
        assertThat(page.locator(".chart canvas")).isVisible();
        page.locator("textarea").fill("copy ai_gateway_messages to '/tmp/x'");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Run"))
                .click();
        assertThat(page.locator(".fault")).containsText("only queries can be run here");
        page.context().close();
    }

    @Test
    void keysWalkThroughWhatIsShown() {
        Page page = browser.page(server, 1280, ColorScheme.LIGHT);
        page.navigate(at("/session?id=with-a-miss"));
        page.keyboard().press("j");
        page.keyboard().press("j");
        assertThat(page.locator(".here")).hasCount(1);
        Locator tool = page.locator(".said.tool").first();
        for (int i = 0; i < 20 && !tool.getAttribute("class").contains("here"); i++) {
            page.keyboard().press("j");
        }
        page.keyboard().press("Enter");
        assertThat(tool.locator("details")).hasAttribute("open", "");
        page.keyboard().press("k");
        assertThat(tool).not().hasClass(java.util.regex.Pattern.compile(".*here.*"));
        page.keyboard().press("?");
        assertThat(page.locator("#help")).isVisible();
        page.keyboard().press("Escape");
        assertThat(page.locator("#help")).isHidden();
        String before =
                page.evaluate("getComputedStyle(document.body).backgroundColor").toString();
        page.keyboard().press("t");
        assertThat(page.evaluate("getComputedStyle(document.body).backgroundColor")
                        .toString())
                .isNotEqualTo(before);
        page.context().close();
    }

    @Test
    void capturedTextDoesNothing() {
        Page page = browser.page(server, 1280, ColorScheme.LIGHT);
        String session = Html.url("hostile" + ATTACK);
        page.navigate(at("/session?id=" + session));
        String exchange = page.locator(".margin a").first().getAttribute("href");
        String sql = Html.url("select * from ai_gateway_messages where session_id like 'hostile%'");
        for (String path : List.of(
                "/session?id=" + session,
                exchange,
                "/",
                "/sessions?days=0&q=hostile",
                "/search?q=script&role=user",
                "/search?q=" + Html.url(ATTACK),
                "/query?sql=" + sql,
                "/query?sql=" + Html.url(ATTACK),
                "/sessions?days=0&q=" + Html.url(ATTACK) + "&client=" + Html.url(ATTACK),
                "/nowhere" + Html.url(ATTACK),
                "/exchange?id=" + Html.url(ATTACK))) {
            boolean isThere = !path.startsWith("/nowhere") && !path.equals("/exchange?id=" + Html.url(ATTACK));
            page.navigate(at(path));
            page.keyboard().press("e");
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)");
            assertThat(page.title()).as(path).endsWith("HypAware");
            assertThat(page.locator(
                                    "main script, main iframe, main object, main [onerror], main [onload], main [href^='javascript']")
                            .count())
                    .as(path)
                    .isZero();
            assertThat(page.locator("main").innerText())
                    .as(path)
                    .doesNotContain("\u202e")
                    .doesNotContain("\u001b");
            if (!isThere) {
                // That it is not there is what the browser says of it.
                browser.complaints.removeIf(complaint -> complaint.contains("404"));
            }
        }
        page.context().close();
    }

    @Tag("slow")
    @Test
    void aLongSessionComesAsItIsScrolledTo() {
        List<ObjectNode> history = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            history.add(message("user", "prompt number " + i));
            history.add(message("assistant", textBlock("answer number " + i)));
        }
        history.add(message("user", "the last prompt"));
        calls.call()
                .session("long")
                .startedAt(START.minusSeconds(9_000))
                .messages(history)
                .answer("the last answer")
                .record();
        Page page = browser.page(server, 1280, ColorScheme.LIGHT);
        page.navigate(at("/session?id=long"));
        assertThat(page.locator(".said").count()).isLessThan(200);
        for (int i = 0; i < 300 && page.getByText("the last answer").count() == 0; i++) {
            page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)");
            page.waitForTimeout(150);
        }
        assertThat(page.getByText("the last answer")).isVisible();
        assertThat(page.locator(".said")).hasCount(1_002);
        page.context().close();
    }
}
