package io.hypaware.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.config.UpstreamConfig;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which proxy the way out takes.
class UpstreamProxyTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "https://api.anthropic.com, HTTPS_PROXY=http://p:3128, p:3128",
                "https://api.anthropic.com, https_proxy=p:3128, p:3128",
                "https://api.anthropic.com, HTTP_PROXY=http://p:3128, none",
                "http://llm.corp:4000, HTTP_PROXY=http://p:3128, p:3128",
                "https://api.anthropic.com, ALL_PROXY=socks5://p, p:1080",
                "https://api.anthropic.com, HTTPS_PROXY=http://p:1;NO_PROXY=anthropic.com, none",
                "https://api.anthropic.com, HTTPS_PROXY=http://p:1;NO_PROXY=x.org .anthropic.com, none",
                "https://api.anthropic.com, HTTPS_PROXY=http://p:1;no_proxy=*, none",
                "https://api.anthropic.com, HTTPS_PROXY=http://p:1;NO_PROXY=api.anthropic.com:443, none",
                "https://api.anthropic.com, HTTPS_PROXY=http://p:1;NO_PROXY=api.anthropic.com:8443, p:1",
                "https://notanthropic.com, HTTPS_PROXY=http://p:1;NO_PROXY=anthropic.com, p:1",
                "https://api.anthropic.com, HTTPS_PROXY=http://[::1]:3128, ::1:3128",
                "http://127.0.0.1:4000, HTTP_PROXY=http://p:1, none",
            })
    void theEnvironmentIsHeeded(String url, String variables, String expected) {
        Map<String, String> environment = new java.util.HashMap<>();
        for (String variable : variables.split(";", -1)) {
            environment.put(variable.split("=", 2)[0], variable.split("=", 2)[1]);
        }
        assertThat(new UpstreamProxy(Optional.empty(), environment)
                        .of(upstream(url))
                        .map(UpstreamProxyTest::text)
                        .orElse(null))
                .isEqualTo(expected);
    }

    @Test
    void theConfigOutranksTheEnvironment() {
        UpstreamProxy proxy = new UpstreamProxy(
                Optional.of("socks5://u:p%40ss@q:9"), Map.of("HTTPS_PROXY", "http://p:1", "NO_PROXY", "*"));
        ProxyOptions options = proxy.of(upstream("https://api.anthropic.com")).orElseThrow();
        assertThat(text(options)).isEqualTo("q:9");
        assertThat(options.getType()).isEqualTo(ProxyType.SOCKS5);
        assertThat(options.getPassword()).isEqualTo("p@ss");
    }

    @Test
    void whatIsNoProxyIsRefusedWithoutSayingItsPassword() {
        UpstreamProxy proxy = new UpstreamProxy(Optional.of("ftp://user:geheim@q"), Map.of());
        assertThatThrownBy(() -> proxy.of(upstream("https://api.anthropic.com")))
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("upstream_proxy")
                .hasMessageNotContaining("geheim");
    }

    private static String text(ProxyOptions options) {
        return options.getHost() + ":" + options.getPort();
    }

    private static Upstream upstream(String url) {
        return Upstream.of(new UpstreamConfig("a", url, Optional.empty(), Optional.empty(), 0, Optional.empty()));
    }
}
