package io.hypaware.cli;

import io.hypaware.daemon.JvmCache;
import io.hypaware.daemon.Logs;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;

/// Walks through what commands usually do, once for each cache of classes, in a home that is thrown away. The JVM
/// writes down which classes that loads and compiles, and later starts need not find out again. What there is to be
/// seen was recorded by the gateway's training before.
final class Training {

    private static final String MCP = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},\
            "clientInfo":{"name":"training","version":"1"}}}
            {"jsonrpc":"2.0","method":"notifications/initialized"}
            {"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}
            """;

    /// @param arguments the cache's name
    public static void main(String[] arguments) {
        Logs.quiet();
        PrintStream terminal = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        walk(JvmCache.valueOf(arguments[0].toUpperCase(Locale.ROOT))).forEach(Training::run);
        System.setOut(terminal);
    }

    private static List<List<String>> walk(JvmCache cache) {
        return switch (cache) {
            case GATEWAY -> throw new IllegalArgumentException("the gateway's is made by its own training");
            case PLAIN ->
                List.of(List.of("status"), List.of("status", "--json"), List.of("config", "show"), List.of("--help"));
            case QUERY ->
                List.of(
                        query("select role, count(*) from ai_gateway_messages group by 1 order by 1"),
                        query("select count(*) from ai_gateway_messages where content_text like '%word%'"),
                        List.of("query", "sql", "--format", "json", "select * from ai_gateway_messages limit 1"),
                        query("select 1"),
                        List.of("query", "schema", "exchanges"),
                        List.of("session", "list"),
                        List.of("exchange", "list", "--format", "json"));
            case WORK -> {
                System.setIn(new ByteArrayInputStream(MCP.getBytes(StandardCharsets.UTF_8)));
                yield List.of(
                        List.of("query", "refresh"),
                        List.of("query", "maintain"),
                        List.of("search", "more"),
                        query("select role, count(*) from ai_gateway_messages group by 1 order by 1"),
                        List.of("session", "list"),
                        List.of("worker", "--figures"),
                        // The last, as it keeps its logs in a file.
                        List.of("mcp"));
            }
        };
    }

    private static List<String> query(String sql) {
        return List.of("query", "sql", sql);
    }

    private static void run(List<String> command) {
        WarmUp warmUp = WarmUp.begin(command);
        CommandLine commandLine = Hyp.commandLine(command.toArray(String[]::new));
        int code = commandLine.execute(command.toArray(String[]::new));
        warmUp.await();
        if (code != 0) {
            throw new IllegalStateException(String.join(" ", command) + " ended with " + code);
        }
    }

    private Training() {}
}
