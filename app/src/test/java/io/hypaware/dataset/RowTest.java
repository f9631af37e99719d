package io.hypaware.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RowTest {

    /// As a team's tables are datasets of the same names with more columns.
    @Test
    void datasetsOfOneNameMayHaveOtherColumns() {
        Column known = Column.required("known", ColumnType.STRING);
        Column more = Column.required("more", ColumnType.STRING);
        Column time = Column.required("time", ColumnType.TIMESTAMP);
        Dataset here = new Dataset("one_name", "time", List.of(), List.of(time, known));
        Dataset there = new Dataset("one_name", "time", List.of(), List.of(time, more, known));
        assertThat(Row.of(here).set("time", 1L).set("known", "a").build("1").value("known"))
                .contains("a");
        Row row =
                Row.of(there).set("time", 1L).set("more", "b").set("known", "c").build("2");
        assertThat(row.value("more")).contains("b");
        assertThat(row.value("known")).contains("c");
    }
}
