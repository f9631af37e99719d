package io.hypaware.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.home.Cache;
import io.hypaware.lake.LakeException;
import io.hypaware.testing.Configs;
import io.hypaware.testing.ForwardedHome;
import io.hypaware.testing.Queries;
import io.hypaware.testing.TeamWarehouse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A team's lake answers as the lakes do from which its rows came.
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TeamQueryTest {

    private static final long MEMORY_BYTES = 256L << 20;

    private Path folder;
    private TeamWarehouse warehouse;
    private ForwardedHome ada;

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        folder = temporary;
        warehouse = new TeamWarehouse(folder.resolve("warehouse"), kind());
        ada = new ForwardedHome(folder.resolve("ada"), warehouse)
                .adopt()
                .record("ada")
                .forward("ada");
        new ForwardedHome(folder.resolve("grace"), warehouse).record("grace").forward("grace");
    }

    TeamWarehouse.Kind kind() {
        return TeamWarehouse.Kind.POSTGRES_AND_FOLDER;
    }

    @AfterAll
    void end() throws Exception {
        warehouse.close();
    }

    private List<String> team(String sql) throws Exception {
        List<String> values = new ArrayList<>();
        try (QuerySession session =
                QuerySession.open(warehouse.lake("reader"), new Cache(folder.resolve("reader")), MEMORY_BYTES, sql)) {
            session.run(result -> {
                while (result.next()) {
                    values.add(result.getString(1));
                }
            });
        }
        return values;
    }

    /// Over one person's rows they say the same here and there.
    static List<String> queries() {
        return List.of(
                "select count(*) || ' ' || count(distinct session_id) from ai_gateway_messages where %s",
                "select concat_ws(' ', session_id, role, part_type, content_text, tool_args, attributes, cwd, git_branch,"
                        + " provider_uuid, message_created_at) from ai_gateway_messages where %s order by all",
                "select system_text from ai_gateway_messages where %s order by part_id",
                "select length(system_text) || md5(content_text) from ai_gateway_messages where %s order by part_id",
                "select tools from ai_gateway_messages where %s order by part_id",
                "select part_id from ai_gateway_messages where system_text like '%%same for all%%' and %s order by 1",
                "select decode(request_body) from exchanges where %s order by exchange_id",
                "select octet_length(response_body) || request_headers from exchanges where %s order by exchange_id",
                "select concat_ws(' ', hash, size, text, parts, first_seen_at) from payloads where %s order by 1",
                "select concat_ws(' ', target_row_id, source, attributes) from message_facts where %s order by all",
                "select concat_ws(' ', m.part_id, e.status, e.model) from ai_gateway_messages m join exchanges e"
                        + " using (exchange_id) where m.message_created_at >= timestamptz '2026-03-01' and m.%s order by 1",
                "select part_id from ai_gateway_messages where message_created_at::date = '2026-03-01' and %s order by 1",
                "select part_id from ai_gateway_messages where date <> '2026-03-01' and date >= '2025' and %s order by 1",
                "with mine as (select * from ai_gateway_messages where %s) select role || count(*) from mine"
                        + " where content_text is not null group by role order by 1");
    }

    @ParameterizedTest
    @MethodSource("queries")
    void answersAreTheSameAsAtHome(String sql) throws Exception {
        List<String> home =
                Queries.values(ada.cache().folder(), sql.replace("m.%s", "true").formatted("true"));
        assertThat(home).isNotEmpty();
        assertThat(team(sql.formatted("_user = 'ada'"))).isEqualTo(home);
    }

    @Test
    void rowsSayWhoseTheyAre() throws Exception {
        assertThat(team("select distinct _user from ai_gateway_messages order by 1"))
                .containsExactly("ada", "grace");
        assertThat(team("select count(distinct _machine) from exchanges")).containsExactly("2");
        assertThat(team("select _user from (select * from exchanges) where session_id = 'large-grace' group by all"))
                .containsExactly("grace");
        assertThat(team("select column_name from information_schema.columns where table_name = 'exchanges'"))
                .contains("_machine", "_user", "request_body");
    }

    /// Two machines may have rows of the same id: each is completed by facts of its own.
    @Test
    void factsAreAboutRowsOfTheirMachine() throws Exception {
        assertThat(team("select count(*) = count(distinct _machine || part_id) from ai_gateway_messages"))
                .containsExactly("true");
        assertThat(
                        team(
                                "select count(*) > 0 from ai_gateway_messages where cwd = '/work/told-grace' and _user = 'ada'"))
                .containsExactly("false");
    }

    @Test
    void nothingButTablesOfTheLakeIsRead() {
        assertThatThrownBy(() -> team("select * from read_parquet('" + folder + "/warehouse/**')"))
                .hasMessageContaining("read_parquet is not available");
        assertThatThrownBy(() -> team("insert into exchanges select * from exchanges"))
                .hasMessageContaining("only queries");
        assertThatThrownBy(() -> team("select contnt_text from ai_gateway_messages"))
                .hasMessageContaining("did you mean content_text");
    }

    @Test
    void aCatalogThatIsAwayIsNamed() {
        String section = "{\"catalog\": \"jdbc:postgresql://127.0.0.1:1/x\", \"warehouse\": \"" + folder + "\"}";
        assertThatThrownBy(() -> QuerySession.open(
                        Configs.withLake(section).lake().team().orElseThrow(),
                        new Cache(folder.resolve("reader")),
                        MEMORY_BYTES,
                        "select 1"))
                .isInstanceOf(LakeException.class)
                .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/x cannot be used");
    }
}
