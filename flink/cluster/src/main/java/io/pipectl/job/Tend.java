package io.pipectl.job;

import java.util.Map;
import org.apache.flink.api.common.accumulators.ListAccumulator;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.TemporaryClassLoaderContext;
import org.apache.iceberg.Table;

/**
 * One task of table maintenance by metadata alone: old snapshots, small manifests, or files that no metadata names.
 *
 * <p>Submitted over Flink's REST API for the reason that {@link DeleteDates} gives.
 */
public final class Tend {
    private Tend() {}

    /**
     * Arguments: {@code --name --namespace --table}, {@code --catalog.KEY} for each property of the REST catalog,
     * {@code --task expire|manifests|orphans}, {@code --dry-run true|false}, and what {@link Expiry},
     * {@link ManifestRewrite} and {@link Orphans} ask for. What was done is one JSON text in the accumulator
     * {@code result}.
     */
    public static void main(String[] args) throws Exception {
        Map<String, String> options = Lake.options(args);
        var env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.fromData(options).map(new Work()).sinkTo(new DiscardingSink<>());
        env.execute(options.get("name"));
    }

    static Map<String, Object> run(Table table, Map<String, String> options) {
        String task = required(options, "task");
        return switch (task) {
            case "expire" -> Expiry.run(table, options);
            case "manifests" -> ManifestRewrite.run(table, options);
            case "orphans" -> Orphans.run(table, options);
            default -> throw new IllegalArgumentException("--task " + task + ": expire, manifests or orphans is needed");
        };
    }

    static String json(Map<String, Object> result) throws Exception {
        return new JsonMapper().writeValueAsString(result);
    }

    /** Flink shows the innermost cause to people, so a message of ours has none. */
    static long number(Map<String, String> options, String option) {
        String value = required(options, option);
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("--" + option + " " + value + ": a whole number is needed");
        }
    }

    /** Only the word false lets a task delete: a typing error must not. */
    static boolean dryRun(Map<String, String> options) {
        String value = required(options, "dry-run");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("--dry-run " + value + ": true or false is needed");
        };
    }

    private static String required(Map<String, String> options, String option) {
        String value = options.get(option);
        if (value == null) throw new IllegalArgumentException("--" + option + " is missing");
        return value;
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
            // Iceberg's thread pools outlive the job, and each thread keeps the class loader that was current when it
            // started. The job's own is closed at its end: it would stay in memory, and of no use to later jobs.
            try (var stable = TemporaryClassLoaderContext.of(Table.class.getClassLoader())) {
                result.add(Lake.with(options, table -> json(run(table, options))));
            }
            return "done";
        }
    }
}
