package io.hypaware.lake;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.types.Types;

/// Who maintains a team's lake: one at a time. It stands in the properties of a table of its own, so that nobody who
/// appends collides with it, and is taken by a commit that succeeds for one alone. It saves work; what keeps data does
/// not depend on it, for no clock of another machine can be trusted.
public final class TeamLease {

    /// The table without rows that has the lease.
    public static final String TABLE = "maintenance";

    private static final String OWNER = "hypaware.lease.owner";
    private static final String UNTIL = "hypaware.lease.until";

    /// How long it holds when nobody renews it.
    public static final Duration HELD = Duration.ofMinutes(30);

    /// How far the clocks of two machines may be apart.
    private static final Duration SKEW = Duration.ofMinutes(10);

    private static final int MOST_ATTEMPTS = 5;

    private final TableOperations operations;
    private final Clock clock;
    private final String owner;

    private TeamLease(TableOperations operations, Clock clock, String owner) {
        this.operations = operations;
        this.clock = clock;
        this.owner = owner;
    }

    /// Takes the lease.
    ///
    /// @param owner whom others are told of
    /// @throws LakeException if somebody else has it
    static TeamLease take(Catalog catalog, TableIdentifier identifier, Clock clock, String owner) {
        TeamLease lease = new TeamLease(((BaseTable) tableOrCreate(catalog, identifier)).operations(), clock, owner);
        lease.write(clock.instant().plus(HELD));
        return lease;
    }

    private static Table tableOrCreate(Catalog catalog, TableIdentifier identifier) {
        try {
            return catalog.loadTable(identifier);
        } catch (NoSuchTableException e) {
            Schema schema = new Schema(Types.NestedField.optional(1, "nothing", Types.StringType.get()));
            try {
                return catalog.createTable(identifier, schema);
            } catch (AlreadyExistsException taken) {
                return catalog.loadTable(identifier);
            }
        }
    }

    /// Holds it for longer.
    ///
    /// @throws LakeException if somebody else has it meanwhile
    public void renew() {
        write(clock.instant().plus(HELD));
    }

    /// Gives it back.
    public void release() {
        write(clock.instant().minus(SKEW));
    }

    private void write(Instant until) {
        for (int attempt = 1; ; attempt++) {
            TableMetadata base = operations.refresh();
            requireFree(base);
            Map<String, String> properties = Map.of(OWNER, owner, UNTIL, until.toString());
            try {
                operations.commit(base, EmptySnapshot.with(operations, base, properties));
                return;
            } catch (CommitFailedException e) {
                if (attempt == MOST_ATTEMPTS) {
                    throw new LakeException("the lease of the team's lake cannot be taken: " + Failures.told(e), e);
                }
            }
        }
    }

    private void requireFree(TableMetadata base) {
        Optional<String> other =
                Optional.ofNullable(base.properties().get(OWNER)).filter(name -> !name.equals(owner));
        Instant until = until(base.properties().getOrDefault(UNTIL, ""));
        if (other.isPresent() && until.plus(SKEW).isAfter(clock.instant())) {
            throw new LakeException("the team's lake is maintained by " + other.get() + ", which holds it until "
                    + until.plus(SKEW) + " unless it goes on; nothing was done");
        }
    }

    /// What cannot be read is held by nobody: it is written by this class alone.
    private static Instant until(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }
}
