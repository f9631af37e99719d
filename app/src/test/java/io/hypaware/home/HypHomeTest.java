package io.hypaware.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Which folder is the home.
class HypHomeTest {

    @Test
    void hypHomeThenHomeThenThePasswordFile() {
        assertThat(HypHome.of(Map.of("HYP_HOME", "/a", "HOME", "/b")).root()).isEqualTo(Path.of("/a"));
        assertThat(HypHome.of(Map.of("HYP_HOME", "", "HOME", "/b")).root()).isEqualTo(Path.of("/b/.hyp"));
        assertThat(HypHome.of(Map.of()).root()).isEqualTo(Path.of(System.getProperty("user.home"), ".hyp"));
    }
}
