package io.pipectl.job;

import java.util.Map;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.accumulators.ListAccumulator;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.apache.iceberg.Table;
import org.apache.iceberg.actions.BinPackRewriteFilePlanner;
import org.apache.iceberg.flink.TableLoader;
import org.apache.iceberg.flink.maintenance.api.MaintenanceTaskBuilder;
import org.apache.iceberg.flink.maintenance.api.RewriteDataFiles;
import org.apache.iceberg.flink.maintenance.api.TaskResult;
import org.apache.iceberg.flink.maintenance.api.Trigger;

/**
 * Rewrites the small files of a table into large ones, once, by Iceberg's own maintenance operators.
 *
 * <p>The job's end proves nothing: a rewrite that lost its commit to another writer is FINISHED, too. Only a new
 * {@code replace} snapshot of the table proves the rewrite.
 */
public final class Compact {
    private Compact() {}

    /**
     * Arguments: {@code --name --namespace --table}, {@code --catalog.KEY} for each property of the REST
     * catalog, and {@code --target-bytes --min-input-files --parallelism}. Errors are in the accumulator {@code
     * errors}; it is {@code none} without errors, and {@code nothing} if no partition had enough files to
     * rewrite.
     */
    public static void main(String[] args) throws Exception {
        Map<String, String> options = Lake.options(args);
        int parallelism = Integer.parseInt(options.get("parallelism"));
        var env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setRuntimeMode(RuntimeExecutionMode.BATCH);
        env.setParallelism(parallelism);
        // Checked here, because the operators do not distinguish an empty plan from a lost commit.
        var words = Lake.open(options, catalog -> gains(Lake.table(catalog, options), options))
                ? rewrite(env, options, parallelism).flatMap(new Said()).setParallelism(1)
                : env.fromData("nothing").setParallelism(1);
        words.map(new Errors()).setParallelism(1).sinkTo(new DiscardingSink<>()).setParallelism(1);
        env.execute(options.get("name"));
    }

    /** True if a rewrite would reduce the number of files in any partition. */
    static boolean gains(Table table, Map<String, String> options) {
        var planner = new BinPackRewriteFilePlanner(table);
        planner.init(Map.of(
                BinPackRewriteFilePlanner.TARGET_FILE_SIZE_BYTES, options.get("target-bytes"),
                BinPackRewriteFilePlanner.MIN_INPUT_FILES, options.get("min-input-files")));
        return planner.plan().totalGroupCount() > 0;
    }

    private static DataStream<TaskResult> rewrite(
            StreamExecutionEnvironment env, Map<String, String> options, int parallelism)
            throws ReflectiveOperationException {
        var once = env.fromData(Trigger.create(System.currentTimeMillis(), 0)).setParallelism(1);
        long target = Long.parseLong(options.get("target-bytes"));
        var builder = RewriteDataFiles.builder()
                .targetFileSizeBytes(target)
                .minInputFiles(Integer.parseInt(options.get("min-input-files")))
                .maxFileGroupSizeBytes(Math.max(target * 4, 1L << 30));
        return append(builder, once, options.get("table"), Lake.loader(options), parallelism);
    }

    /**
     * In Iceberg 1.11 only a table's monitor, which runs for ever, can start a task. The method that it calls is
     * not public.
     */
    @SuppressWarnings("unchecked")
    private static DataStream<TaskResult> append(
            MaintenanceTaskBuilder<?> builder,
            DataStream<Trigger> once,
            String table,
            TableLoader loader,
            int parallelism)
            throws ReflectiveOperationException {
        var method = MaintenanceTaskBuilder.class.getDeclaredMethod(
                "append",
                DataStream.class,
                String.class,
                String.class,
                int.class,
                TableLoader.class,
                String.class,
                String.class,
                int.class);
        method.setAccessible(true);
        return (DataStream<TaskResult>)
                method.invoke(builder, once, table, "compact", 0, loader, "compact", "default", parallelism);
    }

    private static final class Said implements FlatMapFunction<TaskResult, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public void flatMap(TaskResult result, Collector<String> words) {
            if (result.success()) words.collect("none");
            else if (result.exceptions().isEmpty()) words.collect("it was not carried out");
            else result.exceptions().forEach(error -> words.collect(String.valueOf(error)));
        }
    }

    private static final class Errors extends RichMapFunction<String, String> {
        private static final long serialVersionUID = 1L;
        // Never empty at the end: Flink shows an empty list for a job that has not got this far.
        private final ListAccumulator<String> errors = new ListAccumulator<>();

        @Override
        public void open(OpenContext context) {
            getRuntimeContext().addAccumulator("errors", errors);
        }

        @Override
        public String map(String word) {
            errors.add(word);
            return word;
        }
    }
}
