package io.pipectl.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contents of rows: projections, metadata, nested values; and the schemas that planning refuses. */
class ShapeTest {

    private static final String ABC = "a INT, b STRING, c DOUBLE";

    @Test
    void everySubsetOfMetadataInAnyOrder() {
        String good = "{\"c\":1,\"x\":2,\"a\":3}";
        GenericRowData row = Harness.of(ABC, new int[][] {{2}, {0}}, List.of("extra_fields", "parse_error"))
                .row(good);
        assertEquals("+I(1.0,3,{\"x\":2},null)", row.toString());
        row = Harness.of(ABC, new int[][] {{0}}, List.of()).row(good);
        assertEquals("+I(3)", row.toString());
        row = Harness.of(ABC, new int[][] {}, List.of("raw_value")).row(good);
        assertEquals("+I(null)", row.toString());
        row = Harness.of(ABC, new int[][] {{0}, {1}, {2}}, List.of("raw_value", "extra_fields", "parse_error"))
                .row("{\"a\":3,\"c\":true}");
        assertEquals("field: c: boolean true is no DOUBLE", Harness.string(row, 5));
        assertArrayEquals("{\"a\":3,\"c\":true}".getBytes(StandardCharsets.UTF_8), (byte[]) row.getField(3));
        assertNull(row.getField(0));
    }

    @Test
    void aColumnNobodyAskedForIsCheckedAllTheSame() {
        Harness narrow = Harness.of(ABC, new int[][] {{0}}, List.of("parse_error"));
        assertTrue(narrow.error("{\"a\":1,\"c\":\"x\"}").startsWith("field: c: "));
        assertNull(narrow.error("{\"b\":\"x\"}"));
    }

    @Test
    void extraFieldsAsSent() {
        Harness format = Harness.of("a INT");
        assertNull(format.extra("{\"a\":1}"));
        assertEquals(
                "{\"y\":1.50e+2,\"x\":[1,[],{},{\"k\":null,\"l\":[true,-0.0]}],\"A\":\"é\\\"\\n\"}",
                format.extra(
                        "{ \"y\" : 1.50e+2, \"a\": 1 , \"x\": [ 1, [ ], { }, {\"k\" : null, \"l\":[true,-0.0]} ], \"A\":\"\\u00e9\\\"\\n\"}"));
        assertEquals(
                "{\"q\\\"\":12345678901234567890123456789.10}",
                format.extra("{\"a\":1,\"q\\\"\":12345678901234567890123456789.10}"));
        assertEquals("{\"x\":1}", format.extra("{\"x\":1,\"a\":1}"));
        assertNull(format.extra("{\"a\":1}"));
    }

    @Test
    void nested() {
        Harness format =
                Harness.of("r ROW<x INT, s ARRAY<ROW<t STRING>>>, m MAP<STRING, DECIMAL(4,1)>, n ARRAY<INT>, v BYTES");
        GenericRowData row = format.row(
                "{\"r\":{\"s\":[{\"t\":\"p\"},null,{}],\"x\":1},\"m\":{\"k\":1.5,\"\":null},\"n\":[1,null],\"v\":\"AQI=\"}");
        assertNull(Harness.string(row, 4));
        assertEquals("+I(1,", row.getField(0).toString().substring(0, 5));
        GenericArrayData s = (GenericArrayData) ((GenericRowData) row.getField(0)).getField(1);
        assertEquals("p", s.getRow(0, 1).getString(0).toString());
        assertTrue(s.isNullAt(1));
        assertEquals(
                "1.5",
                ((GenericMapData) row.getField(1))
                        .get(StringData.fromString("k"))
                        .toString());
        assertEquals(new GenericArrayData(new Object[] {1, null}), row.getField(2));
        assertArrayEquals(new byte[] {1, 2}, (byte[]) row.getField(3));
        assertEquals("field: r.s[1].t: object is no STRING", format.error("{\"r\":{\"s\":[{},{\"t\":{}}]}}"));
        assertEquals("field: r.q: unknown field in a ROW", format.error("{\"r\":{\"q\":1}}"));
        assertEquals("field: r.x: sent twice", format.error("{\"r\":{\"x\":1,\"x\":1}}"));
        assertEquals("field: m.k: sent twice", format.error("{\"m\":{\"k\":1,\"k\":1}}"));
        assertTrue(format.error("{\"n\":[1,\"x\"]}").startsWith("field: n[1]: text \"x\" is no INT"));
        for (String base64 : new String[] {"AQI", "AQJ=", "A-I=", "AQI=\\n", "A"}) {
            assertTrue(format.error("{\"v\":\"" + base64 + "\"}").startsWith("field: v: text"), base64);
        }
    }

    @Test
    void nestedNotNullIsKept() {
        Harness format = Harness.of("r ROW<x INT NOT NULL, y INT>, n ARRAY<INT NOT NULL>");
        assertTrue(format.error("{\"r\":{\"y\":1}}").startsWith("field: r: "));
        assertTrue(format.error("{\"r\":{\"x\":null}}").startsWith("field: r.x: "));
        assertTrue(format.error("{\"n\":[null]}").startsWith("field: n[0]: "));
        assertNull(format.error("{\"r\":null,\"n\":[1]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a INT NOT NULL",
                "a INT, b STRING NOT NULL",
                "a MAP<INT, STRING>",
                "a MULTISET<STRING>",
                "a TIMESTAMP(3) WITH TIME ZONE",
                "a INTERVAL YEAR TO MONTH",
                "a ROW<b ARRAY<MULTISET<INT>>>",
                ""
            })
    void refusedAtPlanning(String fields) {
        assertThrows(ValidationException.class, () -> Harness.of(fields));
    }

    @Test
    void aFieldThatMustHaveAValue() {
        Harness format = Harness.notNull("a INT, `b c` STRING", "[\"b c\"]");
        assertEquals("null|x", format.show("{\"b c\":\"x\"}"));
        assertEquals("1|ü", format.show("{\"a\":1,\"b c\":\"ü\"}"));
        for (String record : List.of("{\"a\":1}", "{\"a\":1,\"z\":2}")) {
            assertEquals("ERROR field: b c: is missing, but declared NOT NULL", format.show(record));
        }
        for (String record : List.of("{\"a\":1,\"b c\":null}", "{\"b c\":null,\"ü\":1}")) {
            assertEquals("ERROR field: b c: null is no STRING: declared NOT NULL", format.show(record));
        }
        // In the row of a dead letter each column is NULL.
        assertNull(format.row("{\"a\":1}").getField(0));
        for (String names : List.of("[\"z\"]", "[\"a\",\"a\"]", "a")) {
            assertThrows(ValidationException.class, () -> Harness.notNull("a INT", names), names);
        }
    }

    @Test
    void schemasAreValues() throws Exception {
        var schema = Harness.schema(ABC, new int[][] {{0}, {2}}, List.of("parse_error"));
        assertEquals(schema, Harness.schema(ABC, new int[][] {{0}, {2}}, List.of("parse_error")));
        assertEquals(
                schema.hashCode(),
                Harness.schema(ABC, new int[][] {{0}, {2}}, List.of("parse_error"))
                        .hashCode());
        assertNotEquals(schema, Harness.schema(ABC, new int[][] {{0}}, List.of("parse_error")));
        assertNotEquals(schema, Harness.schema(ABC, new int[][] {{0}, {2}}, List.of("raw_value")));
        schema.deserialize("{\"a\":1}".getBytes(StandardCharsets.UTF_8));
        var copy = InstantiationUtil.clone(schema);
        assertEquals(schema, copy);
        assertEquals(
                "+I(1,null,null)",
                copy.deserialize("{\"a\":1}".getBytes(StandardCharsets.UTF_8)).toString());
        assertFalse(schema.isEndOfStream(null));
        assertEquals(
                "ROW<`a` INT, `c` DOUBLE, `parse_error` STRING>",
                ((InternalTypeInfo<?>) schema.getProducedType())
                        .toLogicalType()
                        .copy(true)
                        .asSummaryString());
    }
}
