package io.hypaware.config;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A catalog and a warehouse that a team shares.
///
/// @param user whose rows these are to be
/// @param schedule when rows go there
public record TeamLakeConfig(
        String catalog,
        String warehouse,
        String namespace,
        Optional<String> user,
        Map<String, String> properties,
        String schedule) {

    private static final int LONGEST_NAME = 100;
    private static final int MOST_PROPERTIES = 100;

    /// Decided by the keys of their own, or by what this program can do.
    private static final Set<String> NOT_OPEN = Set.of("uri", "warehouse", "io-impl", "catalog-impl", "type");

    /// @throws ConfigException if a value cannot be used
    void check() {
        problem().ifPresent(why -> {
            throw new ConfigException("/catalog", why);
        });
        if (!warehouse.matches("(file://)?/[^?#]*")) {
            throw new ConfigException("/warehouse", "expected the absolute path of a folder that all machines share");
        }
        if (!namespace.matches("[a-z][a-z0-9_]{0,62}")) {
            throw new ConfigException("/namespace", "expected small letters, digits and _");
        }
        if (user.filter(name -> name.isBlank() || name.length() > LONGEST_NAME).isPresent()) {
            throw new ConfigException("/user", "expected a name of at most " + LONGEST_NAME + " characters");
        }
        if (properties.size() > MOST_PROPERTIES) {
            throw new ConfigException("/properties", "expected at most " + MOST_PROPERTIES);
        }
        properties.keySet().stream().filter(NOT_OPEN::contains).findFirst().ifPresent(name -> {
            throw new ConfigException("/properties/" + name, "it is decided by catalog and warehouse");
        });
        OtlpSinkConfig.requireTimes(schedule);
    }

    private Optional<String> problem() {
        if (!isJdbc()) {
            return Optional.of("expected jdbc:postgresql://host/database");
        }
        String query = catalog.contains("?") ? catalog.substring(catalog.indexOf('?')) : "";
        boolean hasKey = query.toLowerCase(Locale.ROOT).contains("password") || catalog.contains("@");
        return hasKey ? Optional.of("a password does not belong in an address; see ~/.pgpass") : Optional.empty();
    }

    /// Whether the catalog is a database.
    public boolean isJdbc() {
        return catalog.startsWith("jdbc:postgresql:");
    }

    /// The warehouse as a location of Iceberg's.
    public String warehouseLocation() {
        String location = warehouse.startsWith("/") ? "file://" + warehouse : warehouse;
        return location.replaceAll("/+$", "");
    }

    /// The catalog for people: without what stands behind `?`.
    public String shownCatalog() {
        return isJdbc() ? catalog.replaceAll("[?].*", "") : OtlpSinkConfig.shown(URI.create(catalog));
    }

    /// What the journal calls this lake: what has gone to one has not gone to another.
    public String ledgerName() {
        return "team " + shownCatalog() + " " + warehouseLocation() + " " + namespace;
    }
}
