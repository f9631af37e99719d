package io.hypaware.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectKeyTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/a",
                "a/",
                "a//b",
                "..",
                "a/../b",
                "./a",
                "a/.hidden",
                "a\\b",
                "a\u0000b",
                "a\nb",
                "\ud800"
            })
    void whatLeadsElsewhereOrHidesIsNoKey(String path) {
        assertThatThrownBy(() -> new ObjectKey(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keysAreBounded() {
        assertThatThrownBy(() -> new ObjectKey("a".repeat(201)))
                .hasMessageContaining("is no key")
                .message()
                .hasSizeLessThan(300);
        assertThatThrownBy(() -> new ObjectKey("a/".repeat(500) + "a")).hasMessageContaining("at most 900 bytes");
        assertThat(new ObjectKey("ü".repeat(100)).name()).hasSize(100);
    }

    @Test
    void keysHaveTheOrderOfTheirBytes() {
        assertThat(new ObjectKey("a/\uFFFD")).isLessThan(new ObjectKey("a/😀"));
        assertThat(ObjectKey.of("a", "date=2026-03-01", "x.parquet").isBelow(new ObjectKey("a")))
                .isTrue();
        assertThat(new ObjectKey("ab").isBelow(new ObjectKey("a"))).isFalse();
    }
}
