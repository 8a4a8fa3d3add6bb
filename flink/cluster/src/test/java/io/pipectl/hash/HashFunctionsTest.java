package io.pipectl.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The functions as Flink's planner calls them: in SQL, in batch and in streaming. */
class HashFunctionsTest {

    private static final String NAMES = "i, l, s, d, f, n, b, y, dt, ts, tz, r, a, m";
    private static final String TYPES = "i INT, l BIGINT, s STRING, d DOUBLE, f FLOAT, n DECIMAL(38, 18), b BOOLEAN,"
            + " y BYTES, dt DATE, ts TIMESTAMP(3), tz TIMESTAMP_LTZ(6), r ROW<`a b` INT, q ROW<c STRING>>, a ARRAY<INT>,"
            + " m MAP<STRING, DECIMAL(2, 1)>";
    private static final String ROW =
            "1, 9007199254740993, 'é', 1.5e0, CAST(0.1 AS FLOAT), CAST(12.50 AS DECIMAL(38, 18)),"
                    + " TRUE, x'00ff', DATE '2024-02-29', TIMESTAMP '2024-02-29 01:02:03.004',"
                    + " CAST(TIMESTAMP '2024-02-29 01:02:03.004005' AS TIMESTAMP_LTZ(6)),"
                    + " CAST(ROW(1, ROW('x')) AS ROW<`a b` INT, q ROW<c STRING>>), ARRAY[1, CAST(NULL AS INT), 3], MAP['k', 1.5]";
    private static final String JSON =
            "{\"i\":1,\"l\":9007199254740993,\"s\":\"é\",\"d\":1.5,\"f\":0.1,\"n\":12.5,\"b\":true,"
                    + "\"y\":\"AP8=\",\"dt\":\"2024-02-29\",\"ts\":\"2024-02-29 01:02:03.004\",\"tz\":\"2024-02-29T01:02:03.004005Z\","
                    + "\"r\":{\"a b\":1,\"q\":{\"c\":\"x\"}},\"a\":[1,null,3],\"m\":{\"k\":1.5},\"it's\":[{}]}";

    private static List<TableEnvironment> batchAndStreaming;

    @BeforeAll
    static void begin() {
        batchAndStreaming = Stream.of(EnvironmentSettings.inBatchMode(), EnvironmentSettings.inStreamingMode())
                .map(TableEnvironment::create)
                .toList();
        for (TableEnvironment tables : batchAndStreaming) {
            tables.getConfig().set("table.local-time-zone", "UTC");
            tables.executeSql("CREATE TEMPORARY SYSTEM FUNCTION value_hash AS 'io.pipectl.hash.ValueHash'");
            tables.executeSql("CREATE TEMPORARY SYSTEM FUNCTION row_hash AS 'io.pipectl.hash.RowHash'");
            tables.executeSql("CREATE TEMPORARY SYSTEM FUNCTION dead_letter_hash AS 'io.pipectl.hash.DeadLetterHash'");
            tables.executeSql("CREATE TEMPORARY VIEW t AS SELECT * FROM (VALUES (" + ROW + ")) AS t(" + NAMES + ")");
        }
    }

    /** Of one query for all, because each query is a job. */
    private static List<Object> values(String... expressions) {
        return values(batchAndStreaming.get(0), expressions);
    }

    private static List<Object> values(TableEnvironment tables, String... expressions) {
        Row row = tables.executeSql("SELECT " + String.join(", ", expressions) + " FROM t")
                .collect()
                .next();
        return IntStream.range(0, row.getArity()).mapToObj(row::getField).toList();
    }

    @Test
    void aRowOfAllTypesHasTheReadersHash() {
        StringBuilder call = new StringBuilder("value_hash('{\"it''s\":[{}]}'");
        for (String name : NAMES.split(", ")) {
            call.append(", '").append(name).append("', ").append(name);
        }
        Records records = Records.of("i INT");
        List<Object> expected = List.of(
                Records.of(TYPES).hash(JSON),
                records.hash("{\"i\":null}"),
                records.hash("{\"i\":null}"),
                records.hash("{\"i\":1,\"e\":2}"));
        for (TableEnvironment tables : batchAndStreaming) {
            assertEquals(
                    expected,
                    values(
                            tables,
                            call + ")",
                            "value_hash(CAST(NULL AS STRING))",
                            "value_hash(NULL, 'i', CAST(NULL AS INT), 'r', NULL)",
                            "value_hash('{\"e\":2}', 'i', i)"));
        }
    }

    @Test
    void aRowHasItsPlaceInTheHash() {
        List<Object> rows = values(
                "row_hash(1, 2, CAST(3 AS BIGINT), value_hash(NULL, 'i', i))",
                "row_hash(0, 0, 0, 7)",
                "row_hash(0, 0, 1, 7)",
                "row_hash(0, 1, 0, 7)",
                "row_hash(1, 0, 0, 7)",
                "row_hash(0, 0, 0, CAST(NULL AS BIGINT))");
        assertEquals(new RowHash().eval(1L, 2L, 3L, Records.of("i INT").hash("{\"i\":1}")), rows.get(0));
        assertEquals(6, rows.stream().distinct().count());
        assertNull(rows.get(5));
    }

    @Test
    void aDeadLetterIsItsKeyHeadersAndBytes() {
        List<Object> letters = values(Stream.of(
                        "2, x'00', NULL, x'01'",
                        "3, x'00', NULL, x'01'",
                        "2, x'01', NULL, x'00'",
                        "2, NULL, NULL, x'01'",
                        "2, x'00', NULL, NULL",
                        "2, x'', NULL, x'01'",
                        "2, x'00', MAP['h', x'05'], x'01'",
                        "2, x'00', MAP['h', x'06'], x'01'",
                        "2, x'00', ARRAY[ROW('h', x'05')], x'01'",
                        "CAST(NULL AS BIGINT), x'00', NULL, x'01'")
                .map(letter -> "dead_letter_hash(0, 1, " + letter + ")")
                .toArray(String[]::new));
        assertEquals(10, letters.stream().distinct().count());
        assertNull(letters.get(9));
        assertEquals(9, letters.stream().filter(Long.class::isInstance).count());
    }

    /** As the account's sums of a partition do. */
    @Test
    void sumsWrapAround() {
        Iterator<Row> rows = batchAndStreaming
                .get(0)
                .executeSql("SELECT SUM(h) FROM (VALUES (9223372036854775807), (9223372036854775807), (5)) AS s(h)")
                .collect();
        assertEquals(Row.of(3L), rows.next());
    }

    @Test
    void callsThatMakeNoSense() {
        for (String call :
                List.of("value_hash()", "value_hash(NULL, 'i')", "value_hash(NULL, s, i)", "value_hash(i)")) {
            assertThrows(
                    ValidationException.class,
                    () -> batchAndStreaming.get(0).explainSql("SELECT " + call + " FROM t"),
                    call);
        }
    }
}
