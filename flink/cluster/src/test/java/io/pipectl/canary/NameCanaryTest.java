package io.pipectl.canary;

import org.apache.flink.configuration.ConfigConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Classes of Flink, Kafka and Iceberg that stand in a command line, a setting or a message, where no compiler looks. */
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

    /** A logger is named after its class; one that is gone is no error, only a log that fills up. */
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

    @Test
    void headersOfFlinksClients() {
        new Canary("src/runtime/remote/jvms.ts", "the variable whose headers Flink's REST client sends")
                .same("FLINK_REST_CLIENT_HEADERS", ConfigConstants.FLINK_REST_CLIENT_HEADERS);
    }
}
