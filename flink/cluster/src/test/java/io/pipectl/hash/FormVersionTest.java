package io.pipectl.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pipectl.canonical.Entry;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.VarBinaryType;
import org.apache.flink.table.types.logical.VarCharType;
import org.junit.jupiter.api.Test;

/**
 * Version 1 of the canonical form, in hashes that another program has made, in Python, from docs/account.md alone. When
 * one of them has to change, so has the version: otherwise each row of every table would be 'changed' for the new
 * pipectl.
 */
class FormVersionTest {

    @Test
    void isOne() {
        assertEquals(1, Entry.FORM_VERSION);
    }

    private static void hash(long expected, String fields, String json) {
        assertEquals(expected, Records.of(fields).hash(json), json);
    }

    @Test
    void values() {
        hash(2506089352882295055L, "i INT", "{\"i\":null}");
        hash(1572688785013994413L, "i INT", "{\"i\":12}");
        hash(5813361495846298990L, "b BOOLEAN", "{\"b\":true}");
        hash(6621049034978922290L, "s STRING", "{\"s\":\"é😀\"}");
        hash(1459377438642064365L, "s STRING", "{\"s\":\"" + "x".repeat(100) + "\"}");
        hash(
                5223862918134324415L,
                "i INT, l BIGINT, n DECIMAL(38, 10), d DOUBLE, f FLOAT",
                "{\"i\":12,\"l\":1234567890123456789,\"n\":12345678901234567890.5,\"d\":0.1,\"f\":0.1}");
        hash(
                7101594717595490070L,
                "d DATE, t TIME(3), ts TIMESTAMP(3), tz TIMESTAMP_LTZ(3), y BYTES",
                "{\"d\":\"2024-02-29\",\"t\":\"09:30:00.250\",\"ts\":\"1969-12-31 23:59:59.999\","
                        + "\"tz\":\"2024-02-29 02:00:00+05:30\",\"y\":\"AP8=\"}");
        hash(
                2724149122985582872L,
                "r ROW<a INT, s ROW<c STRING>>, l ARRAY<INT>, m MAP<STRING, DOUBLE>",
                "{\"r\":{\"a\":1,\"s\":{\"c\":\"x\"}},\"l\":[1,null,3],\"m\":{\"k\":1.5,\"n\":null},"
                        + "\"e\":{\"z\":[{},[],\"\"]}}");
        hash(
                3054080920880709116L,
                "i INT",
                "{\"i\":null,\"e\":{\"a\":[1,\"1\",true,null,0.30000000000000004,12345678901234567]}}");
    }

    @Test
    void rows() {
        assertEquals(-5763144435319268531L, new RowHash().eval(1L, 2L, 3L, 1572688785013994413L));
        assertEquals(-2196867525494522433L, new RowHash().eval(0L, 0L, 1L << 40, 1572688785013994413L));
    }

    @Test
    void deadLetters() {
        var headers = new GenericMapData(Map.of(StringData.fromString("h"), new byte[] {5}));
        byte[] value = "{\"a\":".getBytes(StandardCharsets.UTF_8);
        var hash =
                new DeadLetterHash(new MapType(VarCharType.STRING_TYPE, new VarBinaryType(VarBinaryType.MAX_LENGTH)));
        assertEquals(5306673647774348116L, hash.eval(0L, 1L, 2L, new byte[1], headers, value));
        assertEquals(-5086349629076617886L, hash.eval(0L, 1L, 2L, null, null, null));
    }
}
