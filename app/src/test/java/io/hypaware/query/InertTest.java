package io.hypaware.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/// R12: shown text is inert.
class InertTest {

    @Test
    void whatATerminalActsOnIsWrittenAsAnEscape() {
        String hostile = "\u001b]0;owned\u0007\u009b31m\r\u202eevil\u200b\u2028\ufeff\u007f\u00ad\udb40\udc41\t";
        StringWriter written = new StringWriter();
        try (PrintWriter out = new PrintWriter(Inert.writer(written))) {
            out.print("plain ümläut 漢字 😀\n" + hostile);
        }
        assertThat(written.toString())
                .startsWith(
                        "plain ümläut 漢字 😀\n\\u001b]0;owned\\u0007\\u009b31m\\u000d\\u202eevil\\u200b\\u2028\\ufeff\\u007f\\u00ad")
                .isEqualTo("plain ümläut 漢字 😀\n" + Inert.text(hostile));
        assertThat(written.toString()).contains("\\udb40\\udc41\\u0009");
        for (char c : written.toString().toCharArray()) {
            assertThat(Inert.acts((char) 0, c)).as("U+%04x", (int) c).isFalse();
        }
    }
}
