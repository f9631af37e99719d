/// A team's catalog that is a server which speaks Iceberg's REST protocol: Iceberg's own client of it, on a connection
/// whose every request has an end and every answer a length.
@org.jspecify.annotations.NullMarked
package io.hypaware.lake.rest;
