package io.pipectl.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The function as Flink's planner calls it: in SQL. */
class ParseRecordTest {
    private static TableEnvironment tables;

    @BeforeAll
    static void begin() {
        tables = TableEnvironment.create(EnvironmentSettings.inBatchMode());
        tables.executeSql("CREATE TEMPORARY FUNCTION parse AS 'io.pipectl.format.ParseRecord'");
    }

    /** The rows of records, in order, in readable form. */
    private static List<String> parsed(String columns, String schema, String notNull, String... records) {
        var values = new ArrayList<String>();
        for (int i = 0; i < records.length; i++) {
            String bytes = records[i] == null ? "CAST(NULL AS BYTES)" : "CAST('" + records[i] + "' AS BYTES)";
            values.add("(" + i + ", " + bytes + ")");
        }
        var rows = new ArrayList<String>();
        String sql = "SELECT " + columns + " FROM (VALUES " + String.join(", ", values)
                + ") AS d(i, v), LATERAL TABLE(parse(d.v, '" + schema + "', '" + notNull + "')) AS p ORDER BY d.i";
        tables.executeSql(sql).collect().forEachRemaining(row -> rows.add(row.toString()));
        return rows;
    }

    @Test
    void readsAsTheFormatDoes() {
        String schema = "ROW<`a b` INT, n ROW<x ARRAY<STRING>, m MAP<STRING, DECIMAL(38, 2)>>, t TIMESTAMP_LTZ(6)>";
        assertEquals(
                List.of(
                        "+I[1, +I[[ü, null], {k=1.50}], null, null, {\"z\":[1.10]}]",
                        "+I[null, null, null, field: a b: text \"x\" is no INT, null]",
                        "+I[null, null, null, tombstone: null value, null]"),
                parsed(
                        "p.`a b`, p.n, p.t, p.parse_error, p.extra_fields",
                        schema,
                        "[]",
                        "{\"a b\":1,\"n\":{\"x\":[\"ü\",null],\"m\":{\"k\":1.5}},\"z\":[1.10]}",
                        "{\"a b\":\"x\"}",
                        null));
    }

    @Test
    void holdsRecordsToNotNull() {
        assertEquals(
                List.of("+I[field: b: is missing, but declared NOT NULL]"),
                parsed("p.parse_error", "ROW<a INT, b INT>", "[\"b\"]", "{\"a\":1}"));
    }

    @Test
    void refusesWhatTheFormatRefuses() {
        for (String schema : List.of("INT", "ROW<a INT NOT NULL>", "ROW<m MAP<INT, INT>>", "ROW<a NOTHING>")) {
            var error = assertThrows(Exception.class, () -> parsed("*", schema, "[]", "{}"), schema);
            assertTrue(String.valueOf(error).length() > 0);
        }
    }

    /** Names with colliding hashes must not fail: records may have any names. */
    @Test
    void namesFieldsThatCollide() {
        var names = new ArrayList<>(List.of(""));
        for (int i = 0; i < 9; i++) {
            var longer = new ArrayList<String>();
            names.forEach(name -> longer.addAll(List.of(name + "aZ", name + "b9")));
            names = longer;
        }
        var json = new StringBuilder("{");
        names.forEach(name -> json.append(json.length() == 1 ? "" : ",")
                .append('"')
                .append(name)
                .append("\":1"));
        var found = new ArrayList<String>();
        var function = new FieldNames();
        function.setCollector(new ListCollector<>(found));
        function.eval(json.append('}').toString());
        assertEquals(names, found);
    }

    @Test
    void namesTheFieldsOfAnObject() {
        tables.executeSql("CREATE TEMPORARY FUNCTION names AS 'io.pipectl.format.FieldNames'");
        var rows = new ArrayList<String>();
        tables.executeSql(
                        "SELECT f.name, COUNT(*) FROM (VALUES CAST('{\"a\":{\"b\":[{\"c\":1}]},\"ü \\\"\":null}' AS STRING), '{\"a\":1}',"
                                + " CAST(NULL AS STRING)) AS d(j), LATERAL TABLE(names(d.j)) AS f(name) GROUP BY f.name ORDER BY f.name")
                .collect()
                .forEachRemaining(row -> rows.add(row.toString()));
        assertEquals(List.of("+I[a, 2]", "+I[ü \", 1]"), rows);
    }
}
