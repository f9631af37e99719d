package io.hypaware.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each form of a sink of files that users' configs have: where it goes, or why it is refused.
class SinkFormsTest {

    @TempDir
    private Path home;

    private HypConfig read(String plugin, String writer, String destination, String config) throws IOException {
        Path file = home.resolve("hypaware-config.json");
        Files.writeString(
                file, """
                {"version": 2, "plugins": [{"name": "@hypaware/s3", "config": {%s}}, {"name": "@hypaware/local-fs"}],
                 "sinks": {"s": {"writer": "@hypaware/format-%s", "destination": "@hypaware/%s", "config": {%s}}}}""".formatted(plugin, writer, destination, config).replace('\'', '"'));
        return ConfigFile.read(file).config();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "| parquet | local-fs | 'dir': '/d', 'schedule': '*/5 * * * *' | /d",
                "| jsonl | local-fs | 'dir': '/d', 'compression': 'zstd' | /d",
                "| iceberg | local-fs | 'dir': '/d', 'prefix': 'tables' | /d",
                "| iceberg | local-fs | 'dir': '/d', 'encoder': '@hypaware/format-parquet' | /d",
                "| iceberg | local-fs | 'dir': '/d', 'maintenance': {'min_snapshots_to_keep': 5, 'max_snapshot_age_hours': 48} | /d",
                "| parquet | s3 | 'bucket': 'b-1' | s3://b-1",
                "| parquet | s3 | 'bucket': 'b-1', 'prefix': '/team/desk/' | s3://b-1/team/desk",
                "| jsonl | s3 | 'bucket': 'b-1', 'region': 'eu-central-1', 'profile': 'p', 'storage_class': 'STANDARD_IA', 'server_side_encryption': 'aws:kms' | s3://b-1",
                "| parquet | s3 | 'bucket': 'b-1', 'endpoint_url': 'http://127.0.0.1:9000', 'force_path_style': true | s3://b-1",
                "'bucket': 'plugins', 'prefix': 'team' | parquet | s3 | | s3://plugins/team",
                "'bucket': 'plugins', 'prefix': 'team' | parquet | s3 | 'bucket': 'own', 'prefix': 'desk' | s3://own/desk",
                "'bucket': 'plugins', 'region': null, 'prefix': null | jsonl | s3 | | s3://plugins",
                "'bucket': 'plugins', 'prefix': 'team' | iceberg | s3 | 'prefix': 'tables' | s3://plugins/team",
            })
    void isTaken(String plugin, String writer, String destination, String config, String target) throws IOException {
        HypConfig read = read(text(plugin), writer, destination, text(config));
        assertThat(read.target(read.sinks().get("s"))).isEqualTo(target);
        assertThat(read.warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "| parquet | s3 | | /sinks/s/config/bucket | s3_config_invalid",
                "| parquet | s3 | 'bucket': 'a b' | /sinks/s/config/bucket | s3_config_invalid",
                "| parquet | s3 | 'bucket': 'b-1', 'endpoint_url': 'ftp://x' | /sinks/s/config/endpoint_url | s3_config_invalid",
                "| parquet | s3 | 'bucket': 'b-1', 'prefix': '../x' | /sinks/s/config/prefix | s3_config_invalid",
                "| parquet | s3 | 'bucket': 'b-1', 'secret_access_key': 'k' | /sinks/s/config/secret_access_key | s3_config_invalid",
                "| parquet | s3 | 'bucket': 'b-1', 'dir': '/d' | /sinks/s/config/dir | s3_config_invalid",
                "| parquet | s3 | 'bucket': 'b-1', 'schedule': 'soon' | /sinks/s/config/schedule | sink_schedule_invalid",
                "| parquet | local-fs | 'dir': '/d', 'encoder': 'x' | /sinks/s/config/encoder | unknown key",
                "| iceberg | local-fs | 'dir': '/d', 'encoder': '@hypaware/format-jsonl' | /sinks/s/config/encoder | sink_encoder_invalid",
                "| iceberg | local-fs | 'dir': '/d', 'prefix': '/' | /sinks/s/config/prefix | names no folder",
                "| iceberg | local-fs | 'dir': '/d', 'maintenance': {'min_snapshots_to_keep': 0} | /sinks/s/config/maintenance/min_snapshots_to_keep | from 1",
                "'query_sources': [{'name': 'a', 'format': 'csv', 'prefix': 'x', 'bucket': 'b-1'}] | parquet | local-fs | 'dir': '/d' | /query_sources/0/format | one of",
                "'query_sources': [{'name': 'a b', 'format': 'parquet', 'prefix': 'x', 'bucket': 'b-1'}] | parquet | local-fs | 'dir': '/d' | /query_sources/0/name | is not a name",
                "'query_sources': [{'name': 'a', 'format': 'parquet', 'prefix': 'x'}] | parquet | local-fs | 'dir': '/d' | /query_sources/0/bucket | s3_config_invalid",
            })
    void isRefused(String plugin, String writer, String destination, String config, String where, String why) {
        assertThatThrownBy(() -> read(text(plugin), writer, destination, text(config)))
                .isInstanceOfSatisfying(ConfigException.class, refused -> {
                    assertThat(refused.pointer()).endsWith(where);
                    assertThat(refused.reason()).contains(why);
                });
    }

    private static String text(String cell) {
        return cell == null ? "" : cell;
    }

    @Test
    void aTableInABucketHasThePluginsSettingsWhereItSaysNothing() throws IOException {
        HypConfig config = read(
                "'bucket': 'b-1', 'region': 'eu-central-1', 'prefix': 'team', 'query_sources': ["
                        + "{'name': 'a', 'format': 'parquet', 'prefix': 'x/y'},"
                        + "{'name': 'b', 'format': 'iceberg', 'prefix': 'z', 'bucket': 'other', 'schema':"
                        + " [{'name': 'c', 'type': 'STRING', 'nullable': true}]}]",
                "parquet",
                "local-fs",
                "'dir': '/d'");
        assertThat(config.querySources().get("a").bucket().shown()).isEqualTo("s3://b-1/x/y");
        assertThat(config.querySources().get("b").bucket().shown()).isEqualTo("s3://other/z");
        assertThat(config.querySources().get("b").bucket().region()).contains("eu-central-1");
    }
}
