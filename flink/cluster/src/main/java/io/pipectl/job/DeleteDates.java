package io.pipectl.job;

import java.util.Map;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;

/**
 * Removes whole date partitions from a branch of a table, by metadata alone.
 *
 * <p>Flink SQL has no DELETE for Iceberg, and INSERT OVERWRITE leaves a date unchanged when it has no new rows, so
 * that a rebuilt range would keep dates that should be deleted. Submitted over Flink's REST API, because a commit
 * needs a JVM with Iceberg, and every runtime has one in its cluster.
 */
public final class DeleteDates {
    private DeleteDates() {}

    /**
     * Arguments: {@code --name --namespace --table --branch --column}, {@code --catalog.KEY} for each property
     * of the REST catalog, and for a range {@code --from --to} (YYYY-MM-DD, both included). Without a range, all
     * rows are deleted.
     */
    public static void main(String[] args) throws Exception {
        Map<String, String> options = Lake.options(args);
        var env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.fromData(options).map(new Delete()).sinkTo(new DiscardingSink<>());
        env.execute(options.get("name"));
    }

    private static final class Delete extends RichMapFunction<Map<String, String>, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String map(Map<String, String> options) throws Exception {
            return Lake.open(options, catalog -> {
                var column = options.get("column");
                Expression filter = options.containsKey("from")
                        ? Expressions.and(
                                Expressions.greaterThanOrEqual(column, options.get("from")),
                                Expressions.lessThanOrEqual(column, options.get("to")))
                        : Expressions.alwaysTrue();
                Lake.table(catalog, options)
                        .newDelete()
                        .deleteFromRowFilter(filter)
                        .toBranch(options.get("branch"))
                        .commit();
                return "deleted";
            });
        }
    }
}
