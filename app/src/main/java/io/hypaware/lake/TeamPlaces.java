package io.hypaware.lake;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.types.Types;

/// Where the tables of a team's lake have their files, and whether anything may be deleted there.
public final class TeamPlaces {

    /// A table of the lake.
    ///
    /// @param name within the namespace
    /// @param dataset that it holds; none for the tables of the maintenance itself
    /// @param location the folder of its files
    /// @param shared why files that it does not name may be somebody else's; nothing is deleted then
    public record Place(String name, Optional<Dataset> dataset, String location, Optional<String> shared) {}

    private static final Set<String> OF_MAINTENANCE = Set.of(TeamLease.TABLE, ForgottenPayloads.TABLE);

    /// Properties that put files elsewhere than under the table's location.
    private static final Set<String> ELSEWHERE = Set.of(
            TableProperties.WRITE_DATA_LOCATION,
            TableProperties.WRITE_METADATA_LOCATION,
            "write.object-storage.path",
            "write.folder-storage.path");

    /// The tables that are ours by name, with what else the catalog has in their folders.
    static List<Place> of(Catalog catalog, Namespace namespace, String warehouse) {
        Map<TableIdentifier, String> locations = new LinkedHashMap<>();
        Map<TableIdentifier, Table> tables = new LinkedHashMap<>();
        for (TableIdentifier identifier : catalog.listTables(namespace)) {
            Table table = catalog.loadTable(identifier);
            tables.put(identifier, table);
            locations.put(identifier, folder(table.location()));
        }
        List<Place> places = new ArrayList<>();
        tables.forEach((identifier, table) -> {
            Optional<Dataset> dataset = Datasets.named(identifier.name());
            if (dataset.isPresent() || OF_MAINTENANCE.contains(identifier.name())) {
                places.add(new Place(
                        identifier.name(), dataset, table.location(), shared(identifier, table, locations, warehouse)));
            }
        });
        return places;
    }

    /// A table or a column that this version does not know.
    static Optional<String> unknown(Catalog catalog, Namespace namespace) {
        for (TableIdentifier identifier : catalog.listTables(namespace)) {
            Optional<Dataset> dataset = Datasets.named(identifier.name());
            if (dataset.isPresent()) {
                Set<String> known = new HashSet<>();
                for (Column column : TeamLake.shared(dataset.get()).storedColumns()) {
                    known.add(column.name());
                    known.add(IcebergSchema.fieldName(column.name()));
                }
                for (Types.NestedField field :
                        catalog.loadTable(identifier).schema().columns()) {
                    if (!known.contains(field.name())) {
                        return Optional.of("the table " + identifier + " has a column " + field.name());
                    }
                }
            } else if (!OF_MAINTENANCE.contains(identifier.name())) {
                return Optional.of("the lake has a table " + identifier);
            }
        }
        return Optional.empty();
    }

    /// Whether the folder surely is this table's alone.
    static Optional<String> shared(
            TableIdentifier identifier, Table table, Map<TableIdentifier, String> locations, String warehouse) {
        String own = folder(table.location());
        if (!own.startsWith(folder(warehouse)) || own.equals(folder(warehouse)) || own.contains("/../")) {
            return Optional.of("its folder " + table.location() + " is not in the warehouse " + warehouse);
        }
        for (Map.Entry<TableIdentifier, String> other : locations.entrySet()) {
            boolean overlaps = other.getValue().startsWith(own) || own.startsWith(other.getValue());
            if (!other.getKey().equals(identifier) && overlaps) {
                return Optional.of("the table " + other.getKey() + " has its files in the same folder");
            }
        }
        return ELSEWHERE.stream()
                .filter(table.properties()::containsKey)
                .findFirst()
                .map(property -> "its property " + property + " puts files elsewhere");
    }

    /// As one can be compared with another: with a slash behind it, and with as many before it.
    private static String folder(String location) {
        return location.replaceAll("^file:/+", "file:/").replaceAll("/*$", "/");
    }

    private TeamPlaces() {}
}
