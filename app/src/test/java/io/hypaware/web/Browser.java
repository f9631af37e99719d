package io.hypaware.web;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// The system's own Chromium. What a page says on its console, and what it asks of others, is kept.
final class Browser implements AutoCloseable {

    private static final List<String> PLACES =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser browser;

    /// What should not have happened, page by page.
    final List<String> complaints = new ArrayList<>();

    private Browser(Playwright playwright, com.microsoft.playwright.Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    static Browser open() {
        Optional<String> chromium = Stream.concat(
                        Optional.ofNullable(System.getenv("HYP_CHROMIUM")).stream(), PLACES.stream())
                .filter(place -> Files.isExecutable(Path.of(place)))
                .findFirst();
        Assumptions.assumeTrue(chromium.isPresent(), "there is no Chromium here (Debian's package chromium)");
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        return new Browser(
                playwright,
                playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions()
                                .setExecutablePath(Path.of(chromium.get()))
                                .setArgs(List.of(
                                        "--no-sandbox",
                                        "--disable-background-networking",
                                        "--disable-dev-shm-usage",
                                        "--disable-gpu"))));
    }

    /// A page that has been let in.
    Page page(WebServer server, int width, ColorScheme scheme) {
        BrowserContext context = browser.newContext(new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(width, 800)
                .setColorScheme(scheme));
        Page page = context.newPage();
        page.setDefaultTimeout(20_000);
        String own = "http://127.0.0.1:" + server.port() + "/";
        page.onConsoleMessage(message -> {
            if (List.of("error", "warning").contains(message.type())) {
                complaints.add(page.url() + " says " + message.text());
            }
        });
        page.onPageError(error -> complaints.add(page.url() + " failed: " + error));
        page.onDialog(dialog -> {
            complaints.add(page.url() + " asked " + dialog.message());
            dialog.dismiss();
        });
        page.onRequest(request -> {
            if (!request.url().startsWith(own)) {
                complaints.add(page.url() + " asked for " + request.url());
            }
        });
        page.navigate(server.address());
        return page;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
