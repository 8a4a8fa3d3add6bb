package io.pipectl.canary;

import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.junit.jupiter.api.Test;

/** The ids by which a job finds its state in a savepoint: Flink derives them from the plan, and pipectl sets none. */
class OperatorIdCanaryTest {

    @Test
    void ofAStatementOfContinuousSilversForm() {
        var canary = new Canary(
                "streams that go on from a savepoint (templates/07_streaming_bronze and 08_streaming_silver)",
                "StreamGraphHasherV2 and the plan of this statement: a stream that was stopped before the upgrade cannot go on"
                        + " from its savepoint after it, and begins anew from its tables, which CHANGELOG.md must say");
        var env = StreamExecutionEnvironment.createLocalEnvironment(1);
        var tables = StreamTableEnvironment.create(env);
        tables.executeSql("CREATE TABLE bronze (id BIGINT, city STRING) WITH ('connector' = 'datagen')");
        tables.executeSql("CREATE TABLE silver (id BIGINT, city STRING) WITH ('connector' = 'blackhole')");
        tables.createStatementSet()
                .addInsertSql("INSERT INTO silver SELECT id, city FROM (SELECT *, ROW_NUMBER() OVER"
                        + " (PARTITION BY id ORDER BY PROCTIME()) AS row_rank FROM bronze) WHERE row_rank = 1")
                .attachAsDataStream();
        var graph = env.getStreamGraph().getJobGraph();
        var ids = StreamSupport.stream(graph.getVertices().spliterator(), false)
                .flatMap(vertex -> vertex.getOperatorIDs().stream())
                .map(pair -> pair.getGeneratedOperatorID().toString())
                .sorted()
                .toList();
        canary.same(
                List.of(
                        "55785f9edccd37ac9093dea77018f09d",
                        "7df19f87deec5680128845fd9a6ca18d",
                        "90bea66de1c231edf33913ecd54406c1",
                        "cbc357ccb763df2852fee8c4fc7d55f2",
                        "e5ebb093256018a0621f548fbe118f8a"),
                ids);
    }
}
