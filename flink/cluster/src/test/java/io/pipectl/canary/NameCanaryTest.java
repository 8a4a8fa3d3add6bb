package io.pipectl.canary;

import org.apache.flink.configuration.ConfigConstants;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.runtime.metrics.MetricNames;
import org.apache.flink.runtime.metrics.dump.MetricQueryService;
import org.apache.iceberg.CatalogProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Classes of Flink, Kafka and Iceberg that are named in a command line, a setting or a message, which no compiler
 * checks.
 */
class NameCanaryTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                "org.apache.flink.table.gateway.SqlGateway",
                "org.apache.flink.table.client.SqlClient"
            })
    void programs(String name) throws Exception {
        var canary = new Canary(
                "src/runtime/local/services.ts, src/runtime/remote/jvms.ts and flink/image/bin/sql-client",
                "the class that Flink's own script in flink-dist/src/main/flink-bin starts");
        canary.same(
                void.class, canary.type(name).getMethod("main", String[].class).getReturnType());
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain.Plain", "scram.Scram"})
    void loginModules(String name) {
        var canary = new Canary(
                "src/runtime/remote/inside.ts (sasl.jaas.config)",
                "where flink-sql-connector-kafka has put Kafka's classes: unzip -l JAR | grep LoginModule");
        canary.type("org.apache.flink.kafka.shaded.org.apache.kafka.common.security." + name + "LoginModule");
    }

    /** A logger is named after its class. A missing class is no error, but fills the log. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.apache.iceberg.flink.source.enumerator.ContinuousIcebergEnumerator",
                "org.apache.iceberg.flink.maintenance.operator.TriggerManagerOperator",
                "org.apache.flink.metrics.MetricGroup"
            })
    void loggers(String name) {
        new Canary("src/runtime/local/conf.ts (log4jConf) and flink/Dockerfile", "the class that has taken its place")
                .type(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.apache.flink.runtime.messages.FlinkJobNotFoundException",
                "org.apache.flink.kafka.shaded.org.apache.kafka.common.errors.SaslAuthenticationException",
                "org.apache.flink.kafka.shaded.org.apache.kafka.common.errors.SslAuthenticationException",
                "org.apache.flink.kafka.shaded.org.apache.kafka.common.errors.TopicAuthorizationException",
                "org.apache.flink.kafka.shaded.org.apache.kafka.common.errors.GroupAuthorizationException",
                "org.apache.iceberg.exceptions.NotAuthorizedException",
                "org.apache.iceberg.exceptions.ForbiddenException"
            })
    void exceptions(String name) {
        new Canary("src/flink/causes.ts or src/flink/rest.ts", "the exception that says the same now").type(name);
    }

    /** The metric of a task begins with its operator's name, of which only the beginning is known. */
    @Test
    void metricsOfASource() {
        var canary = new Canary(
                "src/flink/rest.ts (recordsRead)",
                "the name of the counter (MetricNames), and what MetricQueryService makes of the operator's name before it");
        var filter = (CharacterFilter) canary.constant(MetricQueryService.class, "FILTER");
        String metric = filter.filterCharacters("Source: raw_trips[1]") + "." + MetricNames.IO_NUM_RECORDS_OUT;
        canary.same("Source__raw_trips[1].numRecordsOut", metric);
    }

    @Test
    void propertiesOfTheCatalog() {
        var canary = new Canary(
                "flink/catalog/src/main/java/io/pipectl/catalog/CatalogServer.java",
                "the keys in CatalogProperties, CatalogUtil and JdbcUtil; one that JdbcCatalog does not know is passed over");
        canary.same("clients", CatalogProperties.CLIENT_POOL_SIZE);
        canary.same("catalog-impl", CatalogProperties.CATALOG_IMPL);
        canary.same("io-impl", CatalogProperties.FILE_IO_IMPL);
        canary.same("uri", CatalogProperties.URI);
        canary.same("warehouse", CatalogProperties.WAREHOUSE_LOCATION);
        var jdbc = canary.type("org.apache.iceberg.jdbc.JdbcUtil");
        canary.same("jdbc.schema-version", canary.constant(jdbc, "SCHEMA_VERSION_PROPERTY"));
        canary.type("org.apache.iceberg.jdbc.JdbcCatalog");
        canary.type("org.apache.iceberg.hadoop.HadoopFileIO");
    }

    @Test
    void headersOfFlinksClients() {
        new Canary("src/runtime/remote/jvms.ts", "the variable whose headers Flink's REST client sends")
                .same("FLINK_REST_CLIENT_HEADERS", ConfigConstants.FLINK_REST_CLIENT_HEADERS);
    }
}
