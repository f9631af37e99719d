package io.hypaware.spark;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.TeamLake;
import io.hypaware.lake.TeamLease;
import io.hypaware.lake.TeamPlaces.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/// One run of the maintenance of a team's lake: under a lease that is renewed for as long as Spark works. Where the
/// lease is lost, Spark is ended.
///
/// @param work a folder of the user's own for what Spark keeps meanwhile
/// @param log gets what Spark says
/// @param owner whom others are told of
public record TeamMaintenance(
        TeamLakeConfig config, SparkJars jars, String master, Path work, Path log, String owner, Clock clock) {

    /// Maintains all tables of the lake.
    ///
    /// @param told gets what was done, as it is done
    /// @throws LakeException if somebody else maintains it
    /// @throws SparkException if Spark cannot be started, or has ended
    public void run(boolean dryRun, Consumer<Done> told) throws IOException, InterruptedException {
        try (TeamLake lake = TeamLake.open(config)) {
            Optional<TeamLease> lease = dryRun ? Optional.empty() : Optional.of(lake.lease(clock, owner));
            try {
                List<Place> places = lake.places(config.warehouseLocation());
                maintain(lake, places, lease, told);
            } finally {
                lease.ifPresent(TeamLease::release);
            }
        }
    }

    /// @param lease none if nothing is to be done
    private void maintain(TeamLake lake, List<Place> places, Optional<TeamLease> lease, Consumer<Done> told)
            throws IOException, InterruptedException {
        boolean dryRun = lease.isEmpty();
        String schema = TeamCatalog.NAME + "." + config.namespace();
        try (SparkProcess spark = SparkProcess.start(
                        jars, work, TeamCatalog.settings(config, master), TeamCatalog.environment(config), log);
                Renewal renewal = new Renewal(lease, spark)) {
            new TeamCollection(spark, lake, schema, clock, _ -> {}).run(dryRun, told);
            new LakeMaintenance(spark, TeamCatalog.NAME, config.namespace(), clock, dryRun).run(places, told);
            renewal.requireHeld();
        }
    }

    /// Holds the lease for as long as it is open.
    private static final class Renewal implements AutoCloseable {

        private static final Logger LOG = Logger.getLogger(TeamMaintenance.class.getName());

        /// Attempts within the time that a lease holds.
        private static final int RENEWALS = 3;

        private final Thread thread;
        private volatile Optional<RuntimeException> lost = Optional.empty();

        private Renewal(Optional<TeamLease> lease, SparkProcess spark) {
            this.thread = Thread.ofVirtual().name("lease").start(() -> lease.ifPresent(held -> hold(held, spark)));
        }

        private void hold(TeamLease lease, SparkProcess spark) {
            try {
                int missed = 0;
                while (lost.isEmpty()) {
                    Thread.sleep(TeamLease.HELD.dividedBy(RENEWALS));
                    missed = renewed(lease) ? 0 : missed + 1;
                    if (missed == RENEWALS - 1) {
                        lost = Optional.of(new LakeException("the lease of the team's lake could not be renewed"));
                    }
                }
                spark.kill();
            } catch (InterruptedException e) {
                // It is done.
            }
        }

        /// A catalog that is away for a moment costs nothing.
        private boolean renewed(TeamLease lease) {
            try {
                lease.renew();
                return true;
            } catch (LakeException e) {
                lost = Optional.of(e);
            } catch (RuntimeException e) {
                LOG.log(Level.INFO, "the lease was not renewed", e);
            }
            return false;
        }

        /// @throws RuntimeException if the lease was lost
        private void requireHeld() {
            lost.ifPresent(why -> {
                throw why;
            });
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }
}
