package io.pipectl.job;

import java.util.List;
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
     * of the REST catalog, and {@code --ranges FROM..TO,FROM..TO} (YYYY-MM-DD, both included), which whole
     * partitions must make up. Without ranges, all rows are deleted.
     */
    public static void main(String[] args) throws Exception {
        Map<String, String> options = Lake.options(args);
        var env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.fromData(options).map(new Delete()).sinkTo(new DiscardingSink<>());
        env.execute(options.get("name"));
    }

    /** Of thousands of ranges, too, the expression is only a few levels deep. */
    private static Expression anyOf(String column, List<String> ranges) {
        int half = ranges.size() / 2;
        if (half > 0) {
            return Expressions.or(
                    anyOf(column, ranges.subList(0, half)), anyOf(column, ranges.subList(half, ranges.size())));
        }
        var bounds = ranges.get(0).split("\\.\\.");
        return Expressions.and(
                Expressions.greaterThanOrEqual(column, bounds[0]), Expressions.lessThanOrEqual(column, bounds[1]));
    }

    private static final class Delete extends RichMapFunction<Map<String, String>, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String map(Map<String, String> options) throws Exception {
            return Lake.open(options, catalog -> {
                var ranges = options.get("ranges");
                Expression filter = ranges == null
                        ? Expressions.alwaysTrue()
                        : anyOf(options.get("column"), List.of(ranges.split(",")));
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
