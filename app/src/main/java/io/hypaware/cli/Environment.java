package io.hypaware.cli;

import io.hypaware.config.ConfigException;
import io.hypaware.config.ConfigFile;
import io.hypaware.config.HypConfig;
import io.hypaware.daemon.GatewayFiles;
import io.hypaware.home.Cache;
import io.hypaware.home.HypHome;
import io.hypaware.home.Ownership;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.Settle;
import io.hypaware.maintain.Writing;
import io.hypaware.query.QueryException;
import io.hypaware.secret.Redactor;
import io.hypaware.secret.Secrets;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Clock;

/// Where a command works: the home and its config.
record Environment(HypHome home, ConfigFile configFile) {

    /// @throws io.hypaware.config.ConfigException if the config is not valid
    static Environment load() {
        HypHome home = HypHome.of(System.getenv());
        Ownership.check(home).forEach(repaired -> System.err.println("hyp: " + repaired));
        if (!System.getenv().getOrDefault("HYP_CONFIG", "").isEmpty() && !Files.exists(home.configFile())) {
            throw new ConfigException(
                    "", "HYP_CONFIG names " + home.configFile() + ", which does not exist; unset it, or name a file");
        }
        return new Environment(home, ConfigFile.read(home.configFile()));
    }

    HypConfig config() {
        return configFile.config();
    }

    Cache cache() {
        return home.cache(config());
    }

    String gatewayId() {
        return config().gateway().gatewayId().orElseGet(() -> new GatewayFiles(home).gatewayId());
    }

    /// What a command says that has nothing to work on.
    QueryException nothingRecorded() {
        return new QueryException("nothing was recorded yet in " + home.root()
                + "; hyp status says whether the recorder runs and who is attached");
    }

    /// How rows are written in this home.
    Writing writing() {
        return new Writing(
                gatewayId(), config().privacy().redactStored() ? secrets().redactor() : Redactor.NONE);
    }

    /// How secrets are looked for in this home.
    Secrets secrets() {
        Secrets secrets = Secrets.of(
                new GatewayFiles(home).redactionKey(),
                config().privacy().secrets().allow());
        return config().privacy().redactStored() ? secrets.marked() : secrets;
    }

    /// What [#refresh] did.
    record Refreshed(int exchanges, long rows) {}

    /// Projects what is pending, and flushes it to the lake.
    Refreshed refresh() throws InterruptedException, SQLException {
        if (!cache().hasJournal()) {
            return new Refreshed(0, 0);
        }
        int exchanges = settle();
        return new Refreshed(
                exchanges, new Flush(cache(), config().query().cache().maintenance(), _ -> {}).run());
    }

    /// Projects what is pending, if anything was ever recorded; returns how many exchanges that was.
    int settle() throws InterruptedException {
        return cache().hasJournal() ? new Settle(cache(), writing(), Clock.systemUTC()).run() : 0;
    }
}
