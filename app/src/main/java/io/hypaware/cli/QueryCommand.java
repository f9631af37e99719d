package io.hypaware.cli;

import picocli.CommandLine.Command;

@Command(
        name = "query",
        description = "Ask and look after what was recorded.",
        mixinStandardHelpOptions = true,
        subcommands = {
            QuerySqlCommand.class,
            QuerySchemaCommand.class,
            QueryRefreshCommand.class,
            QueryMaintainCommand.class,
            QueryStatusCommand.class,
            QueryOverviewCommand.class
        })
final class QueryCommand {}
