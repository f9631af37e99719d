package io.hypaware.sink.team;

import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Hashes;
import io.hypaware.journal.RowBatch;
import io.hypaware.journal.RowLedger;
import io.hypaware.lake.TeamLake;
import io.hypaware.lake.TeamTable;
import io.hypaware.lake.WrittenFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Brings a batch to the team's table, once. Each attempt has a token, which is written down before it begins, with
/// what is left out of it; the table says which attempt it has. Files of an attempt have names that no other one uses.
final class Delivery {

    /// What the token of an attempt begins with that brings nothing.
    private static final String NOTHING = "nothing-";

    /// Between an attempt's token and a session that is left out of it. Of that a hash is enough: what is taken back
    /// is not to be named here.
    private static final String LEFT_OUT = " ";

    private final RowLedger ledger;
    private final TeamLake lake;
    private final ForgottenReader forgotten;
    private final String machine;
    private final Consumer<ForwardStep> steps;

    Delivery(RowLedger ledger, TeamLake lake, ForgottenReader forgotten, Consumer<ForwardStep> steps) {
        this.ledger = ledger;
        this.lake = lake;
        this.forgotten = forgotten;
        this.machine = ledger.origin();
        this.steps = steps;
    }

    String machine() {
        return machine;
    }

    /// The table that rows of a dataset go to, once it is read which payloads must be known to be forgotten.
    TeamTable table(Dataset dataset) throws InterruptedException {
        TeamTable table = lake.tableOrCreate(dataset);
        if (!dataset.equals(Datasets.PAYLOADS)) {
            forgotten.readFor(table);
        }
        return table;
    }

    /// The token of the attempt that has brought a batch before; nothing if none has.
    ///
    /// @throws io.hypaware.lake.LakeException if somebody else goes on under this machine's name
    Optional<String> broughtBefore(Dataset dataset, RowBatch batch) {
        return lake.table(dataset).flatMap(table -> table.token(batch(batch, tokens(batch))));
    }

    /// Brings files of rows.
    ///
    /// @return the token of the attempt that the table has, which may be an earlier one
    /// @throws io.hypaware.lake.FenceException if payloads were forgotten meanwhile
    /// @throws io.hypaware.lake.WithdrawnException if they may not leave any more
    String bring(TeamTable table, RowBatch batch, Brought brought) throws InterruptedException {
        return bring(table, batch, brought, newToken());
    }

    /// What an attempt brings.
    ///
    /// @param leftOut sessions whose rows are not among them
    /// @param mayStill whether it may still leave
    record Brought(List<WrittenFile> files, Collection<String> leftOut, BooleanSupplier mayStill) {}

    /// Sees to it that no earlier attempt can bring a batch any more, unless it has.
    String bringNothing(TeamTable table, RowBatch batch) throws InterruptedException {
        return bring(table, batch, new Brought(List.of(), List.of(), () -> true), NOTHING + newToken());
    }

    static boolean isNothing(String token) {
        return token.startsWith(NOTHING);
    }

    private static String newToken() {
        return UlidCreator.getMonotonicUlid().toString().toLowerCase(Locale.ROOT);
    }

    private String bring(TeamTable table, RowBatch batch, Brought what, String token) throws InterruptedException {
        List<String> keys = new ArrayList<>(List.of(token));
        what.leftOut().forEach(session -> keys.add(key(token, session)));
        ledger.names(batch, keys);
        steps.accept(ForwardStep.NAMED);
        List<TeamTable.Uploaded> uploaded = new ArrayList<>();
        for (WrittenFile file : what.files()) {
            uploaded.add(table.upload(
                    file, "%s-%s-%06d-%s.parquet".formatted(machine, batch.name(), uploaded.size(), token)));
        }
        steps.accept(ForwardStep.UPLOADED);
        List<String> tokens = new ArrayList<>(tokens(batch));
        tokens.add(token);
        String brought = table.append(batch(batch, tokens), uploaded, forgotten.fence(), what.mayStill());
        steps.accept(ForwardStep.COMMITTED);
        return brought;
    }

    /// @param tokens of all attempts, the last one that of this attempt
    private TeamTable.Batch batch(RowBatch batch, List<String> tokens) {
        String token = tokens.isEmpty() ? "" : tokens.getLast();
        return new TeamTable.Batch(machine, new TeamTable.Position(batch.number(), token), tokens);
    }

    private static List<String> tokens(RowBatch batch) {
        return batch.keys().stream().filter(key -> !key.contains(LEFT_OUT)).toList();
    }

    private static String key(String token, String session) {
        return token + LEFT_OUT + Hashes.sha256(session.getBytes(StandardCharsets.UTF_8));
    }

    /// Whether anything was left out of an attempt that was written down.
    static boolean hasLeftOut(RowBatch batch, String token) {
        return batch.keys().stream().anyMatch(key -> key.startsWith(token + LEFT_OUT));
    }

    /// Those of some sessions that were left out of it.
    static Set<String> leftOut(RowBatch batch, String token, Collection<String> sessions) {
        Set<String> keys = Set.copyOf(batch.keys());
        Set<String> found = new HashSet<>(sessions);
        found.removeIf(session -> !keys.contains(key(token, session)));
        return found;
    }
}
