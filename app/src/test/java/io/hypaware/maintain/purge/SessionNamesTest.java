package io.hypaware.maintain.purge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class SessionNamesTest {

    @Test
    void aShortNameOnTheWireIsAValueAndNotAWord() {
        Predicate<String> names = SessionNames.onTheWire(List.of("s", "test"));

        assertThat(List.of(
                        "{\"session_id\":\"test\"}",
                        "{\"user_id\":\"{\\\"session_id\\\":\\\"s\\\"}\"}",
                        "{\"user_id\":\"user_1_session_test\"}",
                        // A key and a value of protobuf, then the next field.
                        "\nsession.id\u0012\u0006\n\u0004test2\u0012",
                        "\nsession.id\u0012\u0003\n\u0001s"))
                .allMatch(names);
        assertThat(List.of(
                        "{\"content\":\"run the test, then latest\"}",
                        "{\"content\":\"tests\"}",
                        "{\"role\":\"test\"}",
                        "{\"session_id\":\"test2\"}",
                        "{\"session_id\":\"latest\"}",
                        "\nsession.id\u0012\u0007\n\u0005test2\u0012",
                        ""))
                .noneMatch(names);
    }

    @Test
    void aLongNameIsKnownWhereverItStands() {
        String session = "5d8f1c7e-3b0a-4e55-9c41-0a1b2c3d4e5f";

        assertThat(SessionNames.onTheWire(List.of(session))).accepts("go on with " + session + "!");
    }

    @Test
    void aLineNamesASessionByAWordOfItsOwn() {
        Predicate<String> names = SessionNames.inLines(List.of("s", "test", "my session"));

        assertThat(List.of("session test: 3 calls", "of s, at 10:00", "test", "saw test.", "of my session: none", "s"))
                .allMatch(names);
        assertThat(List.of("tests", "latest", "sessions", "of my sessions", "test-2", ""))
                .noneMatch(names);
    }

    @Test
    void aFolderIsNamedWithWhatIsBelowItNotByWhatBeginsLikeIt() {
        Path folder = Path.of("/home/ada/site");

        assertThat(List.of("in /home/ada/site", "\"/home/ada/site\"", "/home/ada/site/src/a.js", "in /home/ada/site."))
                .allMatch(text -> SessionNames.isFolderIn(text, folder));
        assertThat(List.of("/home/ada/site2", "/home/ada/site-old/a", "/home/ada/site.old", "/home/ada", ""))
                .noneMatch(text -> SessionNames.isFolderIn(text, folder));
    }
}
