package io.hypaware.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/// What tokens cost, by model: a table in a file that users can edit.
public final class Prices {

    /// The name of the file in the home.
    public static final String FILE = "hypaware-prices.json";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double MILLION = 1e6;

    /// US dollars per million tokens.
    ///
    /// @param output unknown in a table that was written before answers were priced
    /// @param cacheWrite for five minutes
    /// @param cacheWriteLong for an hour
    record Price(double input, Optional<Double> output, double cacheRead, double cacheWrite, double cacheWriteLong) {}

    private static final Prices SHIPPED = shippedTable();

    private final Map<String, Price> byPrefix;

    private Prices(Map<String, Price> byPrefix) {
        this.byPrefix = byPrefix;
    }

    /// Reads the table of a home, and writes the one that comes with the program if there is none.
    ///
    /// @throws IllegalStateException if the file is not a price table; the message says what is wrong and where
    public static Prices of(Path home) throws IOException {
        Path file = home.resolve(FILE);
        if (!Files.exists(file)) {
            try (InputStream shipped = shipped()) {
                Files.createDirectories(home);
                Files.copy(shipped, file);
            }
        }
        try {
            return parse(JSON.readTree(file.toFile()));
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalStateException(
                    file + " is not a price table (" + firstLine(e)
                            + "). Mend it, or delete it to get the one that comes with HypAware",
                    e);
        }
    }

    /// A table of nothing: no model has a price.
    public static Prices none() {
        return new Prices(Map.of());
    }

    /// The table that comes with the program.
    public static Prices shippedTable() {
        try (InputStream in = shipped()) {
            return parse(JSON.readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream shipped() {
        return Objects.requireNonNull(Prices.class.getResourceAsStream("prices.json"), "prices.json is missing");
    }

    private static Prices parse(JsonNode table) {
        Map<String, Price> prices = new TreeMap<>();
        JsonNode models = table.path("models");
        if (!models.isObject()) {
            throw new IllegalArgumentException("/models is not an object");
        }
        models.properties().forEach(model -> {
            JsonNode price = model.getValue();
            String at = "/models/" + model.getKey();
            prices.put(
                    model.getKey(),
                    new Price(
                            number(price, at, "input"),
                            price.has("output") ? Optional.of(number(price, at, "output")) : Optional.empty(),
                            number(price, at, "cache_read"),
                            number(price, at, "cache_write_5m"),
                            number(price, at, "cache_write_1h")));
        });
        return new Prices(prices);
    }

    private static double number(JsonNode price, String at, String field) {
        JsonNode value = price.path(field);
        if (!value.isNumber() || value.doubleValue() < 0) {
            throw new IllegalArgumentException(at + "/" + field + " is not a number from 0");
        }
        return value.doubleValue();
    }

    /// What writing tokens to the cache again costs more than reading them from it would have.
    Optional<Double> rewriting(Optional<String> model, long tokens, Duration timeToLive) {
        return model.flatMap(this::price)
                .map(p -> tokens
                        * ((timeToLive.compareTo(Duration.ofMinutes(5)) > 0 ? p.cacheWriteLong() : p.cacheWrite())
                                - p.cacheRead())
                        / MILLION);
    }

    /// What tokens cost, in millionths of a dollar; what is written to the cache, for five minutes.
    ///
    /// @return nothing if the model has no price
    public Optional<Long> cost(String model, SessionCall.Tokens tokens) {
        return price(model).flatMap(price -> {
            Optional<Double> output =
                    price.output().or(() -> SHIPPED.price(model).flatMap(Price::output));
            return output.map(each -> micros(tokens.input(), price.input())
                    + micros(tokens.output(), each)
                    + micros(tokens.cacheRead(), price.cacheRead())
                    + micros(tokens.cacheWrite(), price.cacheWrite()));
        });
    }

    /// A dollar for a million tokens is a millionth of one for each.
    private static long micros(long tokens, double dollars) {
        return BigDecimal.valueOf(dollars)
                .multiply(BigDecimal.valueOf(tokens))
                .setScale(0, RoundingMode.HALF_UP)
                .longValue();
    }

    /// The price under the longest name that the model's begins with.
    private Optional<Price> price(String model) {
        return byPrefix.entrySet().stream()
                .filter(e -> model.startsWith(e.getKey()))
                .max(Comparator.comparingInt(e -> e.getKey().length()))
                .map(Map.Entry::getValue);
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
