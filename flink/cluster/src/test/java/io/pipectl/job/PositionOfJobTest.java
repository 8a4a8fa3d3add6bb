package io.pipectl.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.data.RowData;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericAppenderFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.flink.TableLoader;
import org.apache.iceberg.flink.source.IcebergSource;
import org.apache.iceberg.flink.source.StreamingStartingStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real job in the form of continuous silver: one source follows a table, another one reads a snapshot of a table. */
@Timeout(120)
class PositionOfJobTest {
    private static final int FILES = 20;
    private static final int ROWS = 100;

    /** Permits for rows to pass. */
    private static final Semaphore PERMITS = new Semaphore(0, true);

    private static final Map<String, Integer> PASSED = new ConcurrentHashMap<>();
    private static final Map<String, Integer> AT_CHECKPOINT = new ConcurrentHashMap<>();

    @TempDir
    Path temp;

    @Test
    void whatItHasReadAndWhatNot() throws Exception {
        var table = new MaintenanceLake(temp).table("stops");
        table.updateSpec().removeField("kind").commit();
        append(table, FILES);
        long first = table.currentSnapshot().snapshotId();

        var env = StreamExecutionEnvironment.createLocalEnvironment(1);
        rows(env, table, "followed", true)
                .union(rows(env, table, "known", false))
                .sinkTo(new DiscardingSink<>());
        JobClient job = env.executeAsync();
        try {
            PERMITS.release(25);
            while (PASSED.getOrDefault("followed", 0) == 0 || PASSED.getOrDefault("known", 0) == 0) letPass(job);
            var position = position(job);
            assertEquals(String.valueOf(first), position.get("snapshot"));
            assertSplits(FILES, position);
            assertTrue(AT_CHECKPOINT.get("known") < FILES * ROWS, "the other source was at work, too");

            PERMITS.release(1_000_000);
            append(table, 3);
            long second = table.currentSnapshot().snapshotId();
            do position = position(job);
            while (!String.valueOf(second).equals(position.get("snapshot")) || (int) position.get("splits") > 0);
            assertSplits(FILES + 3, position);
        } finally {
            job.cancel().handle((done, hasEnded) -> null).get();
            // The job reads the table's files until it has ended.
            job.getJobExecutionResult().handle((result, cancelled) -> null).get();
        }
    }

    /**
     * A reader notices the end of a split only at its next step, so a split that was just read may still be
     * assigned.
     */
    private static void assertSplits(int all, Map<String, Object> position) {
        int read = AT_CHECKPOINT.get("followed");
        int left = all - read / ROWS;
        int splits = (int) position.get("splits");
        assertTrue(splits == left || splits == left + 1 && read % ROWS == 0, splits + " after " + read + " rows");
    }

    private Map<String, Object> position(JobClient job) throws Exception {
        CompletableFuture<String> savepoint;
        do {
            savepoint = job.triggerSavepoint("file:" + temp.resolve("savepoints"), SavepointFormatType.CANONICAL);
            // A task takes a savepoint between two rows, so some rows have to pass.
            while (!savepoint.isDone()) letPass(job);
            // Flink aborts a savepoint when a task ends during it, as that of the other source does.
        } while (savepoint.isCompletedExceptionally());
        return Position.run(Map.of("checkpoint", savepoint.get()));
    }

    private static void letPass(JobClient job) throws Exception {
        PERMITS.release();
        try {
            job.getJobExecutionResult().get(10, TimeUnit.MILLISECONDS);
        } catch (TimeoutException running) {
            return;
        }
        throw new AssertionError("the job has ended");
    }

    private static DataStream<String> rows(StreamExecutionEnvironment env, Table table, String name, boolean follow) {
        var source = IcebergSource.forRowData()
                .tableLoader(TableLoader.fromHadoopTable(table.location()))
                // The size of a whole split, so that each file is one split.
                .splitOpenFileCost(128L << 20);
        if (follow) {
            source.streaming(true)
                    .streamingStartingStrategy(StreamingStartingStrategy.TABLE_SCAN_THEN_INCREMENTAL)
                    .monitorInterval(Duration.ofSeconds(1));
        }
        var type = TypeInformation.of(RowData.class);
        return env.fromSource(source.build(), WatermarkStrategy.noWatermarks(), name, type)
                .map(new Gate(name));
    }

    private static void append(Table table, int files) throws Exception {
        var append = table.newFastAppend();
        for (int i = 0; i < files; i++) {
            String path = table.locationProvider().newDataLocation(UUID.randomUUID() + ".avro");
            var writer = new GenericAppenderFactory(table.schema(), PartitionSpec.unpartitioned())
                    .newAppender(table.io().newOutputFile(path), FileFormat.AVRO);
            try (writer) {
                for (long id = 0; id < ROWS; id++) {
                    var row = GenericRecord.create(table.schema());
                    row.setField("id", id);
                    writer.add(row);
                }
            }
            append.appendFile(DataFiles.builder(table.spec())
                    .withPath(path)
                    .withFormat(FileFormat.AVRO)
                    .withFileSizeInBytes(writer.length())
                    .withMetrics(writer.metrics())
                    .build());
        }
        append.commit();
        table.refresh();
    }

    /** Counts the rows of one source, in the same task, and lets them pass one by one. */
    private static final class Gate implements MapFunction<RowData, String>, CheckpointedFunction {
        private static final long serialVersionUID = 1L;
        private final String name;

        Gate(String name) {
            this.name = name;
        }

        @Override
        public String map(RowData row) throws Exception {
            PERMITS.acquire();
            PASSED.merge(name, 1, Integer::sum);
            return "row";
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) {
            AT_CHECKPOINT.put(name, PASSED.getOrDefault(name, 0));
        }

        @Override
        public void initializeState(FunctionInitializationContext context) {
            PASSED.put(name, 0);
        }
    }
}
