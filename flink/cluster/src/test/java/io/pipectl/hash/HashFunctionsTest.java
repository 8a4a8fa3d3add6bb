package io.pipectl.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The functions as Flink's planner calls them: in SQL, in batch and in streaming. */
class HashFunctionsTest {

    private static final List<TableEnvironment> BOTH = new ArrayList<>();

    @BeforeAll
    static void begin() {
        for (var settings : List.of(EnvironmentSettings.inBatchMode(), EnvironmentSettings.inStreamingMode())) {
            TableEnvironment tables = TableEnvironment.create(settings);
            for (String function : List.of("Value", "Row", "DeadLetter")) {
                String name = function.replaceAll("(?<=.)([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT);
                tables.executeSql("CREATE TEMPORARY SYSTEM FUNCTION pipectl_" + name + "_hash AS 'io.pipectl.hash."
                        + function + "Hash'");
            }
            BOTH.add(tables);
        }
    }

    private static Object one(String expression) {
        Object first = null;
        for (TableEnvironment tables : BOTH) {
            Object result;
            try (var rows = tables.executeSql("SELECT " + expression + " FROM (VALUES " + ROW + ") AS t(" + NAMES + ")")
                    .collect()) {
                result = rows.next().getField(0);
            } catch (Exception e) {
                throw new AssertionError(expression, e);
            }
            assertTrue(first == null || first.equals(result), expression);
            first = result;
        }
        return first;
    }

    private static final String NAMES = "i, s, d, f, n, b, y, dt, ts, tz, r, a, m";
    private static final String ROW = "(1, 'é', CAST(1.5 AS DOUBLE), CAST(0.1 AS FLOAT), CAST(12.50 AS DECIMAL(38, 18)), TRUE,"
            + " x'00ff', DATE '2024-02-29', TIMESTAMP '2024-02-29 01:02:03.004',"
            + " CAST(TIMESTAMP '2024-02-29 01:02:03.004005' AS TIMESTAMP_LTZ(6)),"
            + " CAST(ROW(1, ROW('x')) AS ROW<a INT, b ROW<c STRING>>), ARRAY[1, NULL, 3], MAP['k', 1.5])";

    @Test
    void takeEveryType() {
        StringBuilder call = new StringBuilder("pipectl_value_hash(CAST(NULL AS STRING)");
        for (String name : NAMES.split(", ")) {
            call.append(", '").append(name).append("', ").append(name);
        }
        System.out.println(one(call + ")"));
        System.out.println(one("pipectl_value_hash('{\"a\":1}')"));
        System.out.println(one("pipectl_row_hash(0, 1, 2, pipectl_value_hash('{\"a\":1}', 'i', i))"));
        System.out.println(one("pipectl_row_hash(0, 1, CAST(2 AS BIGINT), CAST(NULL AS BIGINT)) IS NULL"));
        System.out.println(one("pipectl_dead_letter_hash(0, 1, 2, x'00', NULL, x'01')"));
        System.out.println(one("pipectl_dead_letter_hash(0, 1, 2, x'00', MAP['h', x'05'], x'01')"));
        System.out.println(one("pipectl_dead_letter_hash(0, 1, 2, NULL, ARRAY[ROW('h', x'05')], NULL)"));
    }
}
