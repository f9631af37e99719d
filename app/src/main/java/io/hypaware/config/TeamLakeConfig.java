package io.hypaware.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A catalog and a warehouse that a team shares.
///
/// @param user whose rows these are to be
/// @param keyFile the file that has the key of a REST catalog
/// @param s3 how a bucket is reached
/// @param schedule when rows go there
public record TeamLakeConfig(
        String catalog,
        String warehouse,
        String namespace,
        Optional<String> user,
        Map<String, String> properties,
        Optional<String> keyFile,
        WarehouseBucketConfig s3,
        String schedule) {

    /// Parameters of a database's address and properties of a catalog that say which lake it is.
    private static final Set<String> PLACES = Set.of("currentSchema", "options", "warehouse", "prefix");

    /// Where keys are exchanged for tokens, if not at the catalog itself.
    public static final String TOKEN_SERVER = "oauth2-server-uri";

    /// What is wrong where [#plainWay] finds something and there is a key.
    public static final String PLAIN = "by plain http the catalog's key could be read on its way to another machine;"
            + " expected https://, or http:// to this machine, where a tunnel may begin";

    /// Headers of each request that may be what lets this program in.
    private static final Pattern KEY_HEADER =
            Pattern.compile("(?i)header\\.[^.]*(authorization|cookie|key|token|secret)[^.]*");

    private static final int LONGEST_NAME = 100;
    private static final int MOST_PROPERTIES = 100;

    /// Decided by the keys of their own, or by what this program can do.
    private static final Set<String> NOT_OPEN = Set.of("uri", "io-impl", "catalog-impl", "type");

    /// Belong to whoever may read them, as a config does not.
    private static final Set<String> KEYS = Set.of("token", "credential");

    private static final Pattern BUCKET = Pattern.compile("s3://([^/?#]+)(/[^?#]*)?");

    private static final Pattern REST = Pattern.compile("(?i)https?://.*");

    /// @throws ConfigException if a value cannot be used
    void check() {
        problem().ifPresent(why -> {
            throw new ConfigException("/catalog", why);
        });
        checkWarehouse();
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
        properties.keySet().stream().filter(TeamLakeConfig::isKey).findFirst().ifPresent(name -> {
            throw new ConfigException("/properties/" + name, "a key does not belong in the config; see key_file");
        });
        if (properties.containsKey("warehouse") && !isRest()) {
            throw new ConfigException("/properties/warehouse", "it is decided by catalog and warehouse");
        }
        Optional.ofNullable(properties.get(TOKEN_SERVER))
                .filter(REST.asMatchPredicate())
                .flatMap(OtlpSinkConfig::problem)
                .ifPresent(why -> {
                    throw new ConfigException("/properties/" + TOKEN_SERVER, why);
                });
        if (keyFile.isPresent() || properties.keySet().stream().anyMatch(KEY_HEADER.asMatchPredicate())) {
            plainWay().ifPresent(setting -> {
                throw new ConfigException("/" + setting, PLAIN);
            });
        }
        if (keyFile.filter(file -> !file.startsWith("/") && !file.startsWith("~/"))
                .isPresent()) {
            throw new ConfigException("/key_file", "expected an absolute path");
        }
        OtlpSinkConfig.requireTimes(schedule);
    }

    /// Which setting lets a key go to another machine so that it can be read on its way, if one does.
    public Optional<String> plainWay() {
        if (isRest() && UpstreamConfig.isPlainRemote(URI.create(catalog))) {
            return Optional.of("catalog");
        }
        return Optional.ofNullable(properties.get(TOKEN_SERVER))
                .filter(REST.asMatchPredicate())
                .filter(server -> UpstreamConfig.isPlainRemote(URI.create(server)))
                .map(_ -> "properties/" + TOKEN_SERVER);
    }

    private void checkWarehouse() {
        if (isBucket()) {
            try {
                bucket();
            } catch (ConfigException e) {
                boolean isOfPlace = e.pointer().equals("/bucket") || e.pointer().equals("/prefix");
                throw new ConfigException(isOfPlace ? "/warehouse" : "/s3" + e.pointer(), e.reason());
            }
        } else if (!warehouse.matches("(file://)?/[^?#]*")) {
            throw new ConfigException(
                    "/warehouse",
                    "expected the absolute path of a folder that all machines share, or s3://bucket/prefix");
        }
    }

    /// Keys of Iceberg's own files for S3 among them, which nothing here reads.
    private static boolean isKey(String property) {
        return KEYS.contains(property) || property.startsWith("s3.") || property.startsWith("rest.auth.basic");
    }

    private Optional<String> problem() {
        if (isRest()) {
            Optional<String> problem = OtlpSinkConfig.problem(catalog);
            return problem.isEmpty() && URI.create(catalog).getRawQuery() != null
                    ? Optional.of("expected http(s)://host[:port][/path], without a query")
                    : problem;
        }
        if (!isJdbc()) {
            return Optional.of("expected jdbc:postgresql://host/database, or https://host/path of a REST catalog");
        }
        String query = catalog.contains("?") ? catalog.substring(catalog.indexOf('?')) : "";
        boolean hasKey = query.toLowerCase(Locale.ROOT).contains("password") || catalog.contains("@");
        return hasKey ? Optional.of("a password does not belong in an address; see ~/.pgpass") : Optional.empty();
    }

    /// Whether the catalog is a server that speaks Iceberg's REST protocol.
    public boolean isRest() {
        return REST.matcher(catalog).matches();
    }

    /// Whether the files are in a bucket.
    public boolean isBucket() {
        return warehouse.startsWith("s3:");
    }

    /// The bucket that the files are in, if they are in one.
    public S3Config bucket() {
        Matcher place = BUCKET.matcher(warehouse);
        if (!place.matches()) {
            throw new ConfigException("/bucket", "expected s3://bucket/prefix");
        }
        return s3.in(place.group(1), place.group(2) == null ? "" : place.group(2));
    }

    /// Whether the catalog is a database.
    public boolean isJdbc() {
        return catalog.startsWith("jdbc:postgresql:");
    }

    /// The warehouse as a location of Iceberg's.
    public String warehouseLocation() {
        if (isBucket()) {
            return bucket().shown();
        }
        String location = warehouse.startsWith("/") ? "file://" + warehouse : warehouse;
        return location.replaceAll("/+$", "");
    }

    /// The catalog for people: without what stands behind `?`.
    public String shownCatalog() {
        return isJdbc() ? catalog.replaceAll("[?].*", "") : OtlpSinkConfig.shown(URI.create(catalog));
    }

    /// What the journal calls this lake: what has gone to one has not gone to another.
    public String ledgerName() {
        return "team " + shownCatalog() + " " + warehouseLocation() + " " + namespace + place();
    }

    /// What else names another lake: a schema of the database, a warehouse of the catalog, a server of buckets.
    private String place() {
        List<String> found = new ArrayList<>();
        if (catalog.contains("?")) {
            Stream.of(catalog.substring(catalog.indexOf('?') + 1).split("&", -1))
                    .filter(parameter -> PLACES.contains(parameter.replaceAll("=.*", "")))
                    .forEach(found::add);
        }
        properties.forEach((name, value) -> {
            if (PLACES.contains(name.replaceFirst("^jdbc\\.", ""))) {
                found.add(name + "=" + value);
            }
        });
        if (isBucket()) {
            bucket().endpointUrl().ifPresent(server -> found.add("endpoint_url=" + server));
        }
        return found.stream().sorted().map(one -> " " + one).collect(Collectors.joining());
    }
}
