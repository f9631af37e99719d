package io.hypaware.sink.team;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.config.HypConfig;
import io.hypaware.home.Cache;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.project.Messages;
import io.hypaware.testing.Configs;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.TeamWarehouse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Nothing goes before the user has seen what would, and agreed; then it goes by itself.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TeamSyncTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:01:00Z");

    private Path folder;
    private TeamWarehouse warehouse;
    private int homes;
    private int said;
    private String user = "";
    private Cache cache;
    private RecordedCalls calls;

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        folder = temporary;
        warehouse = new TeamWarehouse(folder.resolve("warehouse"));
    }

    @AfterAll
    void end() throws Exception {
        warehouse.close();
    }

    @BeforeEach
    void record() {
        user = "u" + homes++;
        cache = new Cache(folder.resolve(user).resolve("cache"));
        calls = new RecordedCalls(cache.folder());
        call("ours");
        call("mine");
    }

    private void call(String session) {
        calls.call()
                .session(session)
                .messages(message("user", "said in " + session + " as number " + said++))
                .answer("answer")
                .record();
        calls.settle();
    }

    private TeamSync sync(Instant now) {
        return sync(now, warehouse.config(user));
    }

    private TeamSync sync(Instant now, HypConfig config) {
        return TeamSync.of(
                        config,
                        new Forward.Environment(
                                cache, config.query().cache().maintenance(), Clock.fixed(now, ZoneOffset.UTC), _ -> {}))
                .orElseThrow();
    }

    private List<String> there() throws Exception {
        return warehouse.values(Messages.DATASET, "SELECT session_id FROM %s WHERE _user = '" + user + "' ORDER BY 1");
    }

    @Test
    void nothingGoesBeforeItIsAgreedTo() throws Exception {
        TeamSync sync = sync(NOW);
        sync.runDue();
        assertThatThrownBy(sync::run).hasMessageContaining("nobody has agreed");
        assertThat(there()).isEmpty();
        assertThat(sync.state().run()).isEmpty();
        sync.agree();
        sync.runDue();
        assertThat(there()).containsExactly("mine", "mine", "ours", "ours");
        assertThat(sync.state().sent()).isGreaterThanOrEqualTo(6);
        call("ours");
        sync.runDue();
        assertThat(there()).as("it is not time yet").hasSize(4);
        sync(NOW.plusSeconds(600)).runDue();
        assertThat(there()).hasSize(6);
        sync.withdraw();
        call("ours");
        sync(NOW.plusSeconds(1_800)).runDue();
        assertThat(there()).hasSize(6);
    }

    /// At the same second machines would hinder each other.
    @Tag("slow")
    @Test
    void eachMachineHasATimeOfItsOwn() throws Exception {
        Set<Instant> times = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            record();
            sync(NOW).agree();
            sync(NOW).run();
            times.add(sync(NOW).state().next().orElseThrow());
        }
        assertThat(times)
                .hasSizeGreaterThan(1)
                .allSatisfy(time -> assertThat(time)
                        .isBetween(Instant.parse("2026-03-01T12:05:00Z"), Instant.parse("2026-03-01T12:10:00Z")));
    }

    @Test
    void agreedToForOneLakeIsNotAgreedToForAnother() throws Exception {
        sync(NOW).agree();
        TeamSync other =
                sync(NOW, Configs.withLake(warehouse.section(user).replace("{", "{\"namespace\": \"other\", ")));
        assertThat(other.consent()).isEmpty();
    }

    @Tag("slow")
    @Test
    void thePlanSaysWhatLeavesAndWhatStays() throws Exception {
        SyncPlan all = sync(NOW).plan();
        assertThat(all.datasets().get(Messages.DATASET.name()).rows()).isEqualTo(4);
        assertThat(all.sessions()).containsExactly("mine", "ours");
        assertThat(all.staying()).isEmpty();
        PrivacyList.update(cache.privacyList(), list -> list.withSession("mine", NOW));
        SyncPlan some = sync(NOW).plan();
        assertThat(some.datasets().get(Messages.DATASET.name()).rows()).isEqualTo(2);
        assertThat(some.sessions()).containsExactly("ours");
        assertThat(some.staying().get("the session was taken out").sessions()).containsExactly("mine");
        sync(NOW).agree();
        sync(NOW).run();
        assertThat(there()).containsExactly("ours", "ours");
        assertThat(sync(NOW).plan().datasets()).isEmpty();
    }

    @Test
    void whatFailsIsWrittenDownAndTriedLaterAndLater() throws Exception {
        HypConfig gone = Configs.withLake("{\"catalog\": \"jdbc:postgresql://127.0.0.1:1/x?connectTimeout=1\","
                + " \"warehouse\": \"" + folder + "\"}");
        TeamSync sync = sync(NOW, gone);
        sync.agree();
        sync.runDue();
        assertThat(sync.state().failures()).isEqualTo(1);
        assertThat(sync.state().error()).contains("127.0.0.1:1");
        assertThat(sync.state().next()).contains(NOW.plusSeconds(60));
        sync(NOW.plusSeconds(60), gone).runDue();
        assertThat(sync.state().next()).contains(NOW.plusSeconds(180));
    }
}
