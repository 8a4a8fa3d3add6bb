package io.pipectl.canary;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.flink.FlinkSchemaUtil;
import org.apache.iceberg.flink.TableLoader;
import org.apache.iceberg.flink.sink.FlinkSink;
import org.apache.iceberg.flink.sink.IcebergSink;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Iceberg's entries in a snapshot's summary, on which the account of every record depends; and its file names. */
@Timeout(120)
class SummaryCanaryTest {
    private static final Schema SCHEMA =
            new Schema(Types.NestedField.required(1, "kafka_partition", Types.IntegerType.get()));
    private static final Canary OF_A_JOB = new Canary(
            "the account and by whoever resumes a stream (grep -rnE 'flink.(job-id|max-committed)' src)",
            "SinkUtil, and what its users write into a snapshot's summary");
    private static final Canary OF_A_PARTITION = new Canary(
            "the audit, which counts rows of each Kafka partition (grep -rnE 'partitionSummaries|partition-limit' src)",
            "SnapshotSummary: CHANGED_PARTITION_PREFIX, and how it writes one partition");
    private static final Canary OF_A_TABLE = new Canary(
            "the audit and all views of a table (grep -rnE '(total|added|deleted)-[a-z]+-?[a-z]*|engine-name' src)",
            "SnapshotSummary, its names of figures");

    @TempDir
    Path temp;

    private Table table;

    @BeforeEach
    void create() {
        var spec = PartitionSpec.builderFor(SCHEMA).identity("kafka_partition").build();
        table = new HadoopTables(new Configuration())
                .create(
                        SCHEMA,
                        spec,
                        Map.of("format-version", "2", "write.summary.partition-limit", "10000"),
                        "file:" + temp.resolve("bronze"));
    }

    @Test
    void ofTheOlderSink() throws Exception {
        var env = environment();
        FlinkSink.forRowData(rows(env)).table(table).tableLoader(loader()).append();
        assertSummary(env.execute().getJobID().toString());
    }

    @Test
    void ofTheNewerSink() throws Exception {
        var env = environment();
        IcebergSink.forRowData(rows(env)).table(table).tableLoader(loader()).append();
        assertSummary(env.execute().getJobID().toString());
    }

    private void assertSummary(String job) {
        table.refresh();
        var summary = table.currentSnapshot().summary();
        OF_A_JOB.same(job, summary.get("flink.job-id"));
        OF_A_JOB.holds(
                summary.getOrDefault("flink.max-committed-checkpoint-id", "").matches("\\d+"), summary.toString());
        var partition =
                List.of(summary.getOrDefault("partitions.kafka_partition=7", "").split(",", -1));
        OF_A_PARTITION.holds(partition.contains("added-records=2"), summary.toString());
        OF_A_PARTITION.holds(summary.containsKey("partitions.kafka_partition=0"), summary.toString());
        OF_A_TABLE.same("3", summary.get("added-records"));
        OF_A_TABLE.same("3", summary.get("total-records"));
        OF_A_TABLE.same("2", summary.get("total-data-files"));
        OF_A_TABLE.same("0", summary.get("total-delete-files"));
        OF_A_TABLE.holds(summary.getOrDefault("total-files-size", "").matches("[1-9]\\d*"), summary.toString());
        OF_A_TABLE.same("flink", summary.get("engine-name"));
        OF_A_TABLE.holds(summary.containsKey("engine-version"), summary.toString());
        OF_A_TABLE.same("append", table.currentSnapshot().operation());
    }

    @Test
    void ofADeletion() throws Exception {
        ofTheOlderSink();
        table.newDelete().deleteFromRowFilter(Expressions.alwaysTrue()).commit();
        OF_A_TABLE.same("3", table.currentSnapshot().summary().get("deleted-records"));
        OF_A_TABLE.same("delete", table.currentSnapshot().operation());
    }

    @Test
    void ofRewrittenManifests() throws Exception {
        ofTheOlderSink();
        table.rewriteManifests().clusterBy(file -> "all").commit();
        var canary = new Canary(
                "flink/cluster/src/main/java/io/pipectl/job/ManifestRewrite.java",
                "what BaseRewriteManifests writes into the summary, and no other operation does");
        canary.holds(
                table.currentSnapshot().summary().containsKey("entries-processed"),
                table.currentSnapshot().summary().toString());
        canary.same("replace", table.currentSnapshot().operation());
    }

    @Test
    void anIdleStreamCommitsNothing() {
        var canary = new Canary(
                "the tables' properties (grep -rn noEmptyCommits src)",
                "the property that bounds how many checkpoints without rows pass before the sink commits an empty snapshot");
        for (String sink : List.of("IcebergFilesCommitter", "IcebergCommitter")) {
            var type = canary.type("org.apache.iceberg.flink.sink." + sink);
            canary.same("flink.max-continuous-empty-commits", canary.constant(type, "MAX_CONTINUOUS_EMPTY_COMMITS"));
        }
    }

    @Test
    void metadataFiles() {
        var canary = new Canary(
                "flink/cluster/src/main/java/io/pipectl/job/Orphans.java",
                "the extensions in TableMetadataParser, and VERSION_HINT_FILENAME of Iceberg's hadoop.Util");
        canary.same(".metadata.json", TableMetadataParser.getFileExtension("none"));
        canary.same(".gz.metadata.json", TableMetadataParser.getFileExtension("gzip"));
        var hadoop = canary.type("org.apache.iceberg.hadoop.Util");
        canary.same("version-hint.text", canary.constant(hadoop, "VERSION_HINT_FILENAME"));
    }

    /** Copying results between operators would need a JVM that is opened to Flink, as pipectl's are. */
    private static StreamExecutionEnvironment environment() {
        var env = StreamExecutionEnvironment.createLocalEnvironment(1);
        env.getConfig().enableObjectReuse();
        return env;
    }

    /** Two rows of partition 7, one of partition 0. */
    private static DataStream<RowData> rows(StreamExecutionEnvironment env) {
        var type = InternalTypeInfo.of(FlinkSchemaUtil.convert(SCHEMA));
        return env.fromData(List.of(GenericRowData.of(7), GenericRowData.of(0), GenericRowData.of(7)), type);
    }

    private TableLoader loader() {
        return TableLoader.fromHadoopTable(table.location());
    }
}
