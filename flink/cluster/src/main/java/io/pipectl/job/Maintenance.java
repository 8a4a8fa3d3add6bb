package io.pipectl.job;

import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.accumulators.ListAccumulator;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.TemporaryClassLoaderContext;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;

/**
 * Table maintenance by metadata alone: old snapshots, small manifests and unreferenced files; also, before an
 * expiry, how far a stream has read.
 *
 * <p>Submitted over Flink's REST API for the reason given in {@link DeleteDates}. One job runs several operations,
 * because its start takes longer than most of them.
 */
public final class Maintenance {
    private Maintenance() {}

    /**
     * Arguments: {@code --name}, {@code --catalog.KEY} for each property of the REST catalog, and {@code
     * --work}, see {@link Operations}. The operations run one after the other, even if one fails. The
     * accumulator {@code result} has one JSON text per operation, in order: what was done, or {@code {"error":
     * …}}.
     */
    public static void main(String[] args) throws Exception {
        execute(StreamExecutionEnvironment.getExecutionEnvironment(), Lake.options(args));
    }

    static JobExecutionResult execute(StreamExecutionEnvironment env, Map<String, String> options) throws Exception {
        // Wrong operations are reported before the job starts.
        Operations.parse(options.get("work"));
        env.setParallelism(1);
        env.fromData(options).map(new Work()).sinkTo(new DiscardingSink<>());
        return env.execute(options.get("name"));
    }

    private static Map<String, Object> run(Catalog catalog, Map<String, String> operation) throws Exception {
        return switch (operation.get("task")) {
            case "expire" -> Expiry.run(Lake.table(catalog, operation), operation);
            case "manifests" -> ManifestRewrite.run(Lake.table(catalog, operation), operation);
            case "orphans" -> Orphans.run(Lake.table(catalog, operation), operation);
            case "unreadable" -> UnreadableFiles.find(Lake.table(catalog, operation), operation);
            case "files" -> UnreadableFiles.remove(Lake.table(catalog, operation), operation);
            case "rows" -> RowRewrite.withoutRows(Lake.table(catalog, operation), operation);
            case "deletes" -> RowRewrite.withoutDeletes(Lake.table(catalog, operation), operation);
            default -> Position.run(operation);
        };
    }

    private static final class Work extends RichMapFunction<Map<String, String>, String> {
        private static final long serialVersionUID = 1L;
        private final ListAccumulator<String> result = new ListAccumulator<>();

        @Override
        public void open(OpenContext context) {
            getRuntimeContext().addAccumulator("result", result);
        }

        @Override
        public String map(Map<String, String> options) throws Exception {
            List<Map<String, String>> operations = Operations.parse(options.get("work"));
            // Iceberg's thread pools outlive the job, and each thread keeps the class loader that was
            // current when it started. The job's own class loader is closed at its end: it would stay in
            // memory, and be useless to later jobs.
            try (var stable = TemporaryClassLoaderContext.of(Table.class.getClassLoader())) {
                return Lake.open(options, catalog -> {
                    for (var operation : operations) result.add(Operations.json(outcome(catalog, operation)));
                    return "done";
                });
            }
        }

        private static Map<String, Object> outcome(Catalog catalog, Map<String, String> operation) throws Exception {
            try {
                return run(catalog, operation);
            } catch (Exception failed) {
                // Flink interrupts the task of a cancelled job: the remaining operations must not
                // start.
                if (Thread.currentThread().isInterrupted()) throw failed;
                if (Failure.cause(failed) instanceof InterruptedException) throw failed;
                return Map.of("error", Failure.message(failed));
            }
        }
    }
}
