package io.pipectl.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.flink.table.data.GenericRowData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole records that must or must not become dead letters. */
class StrictnessTest {

    private final Harness format = Harness.of("a INT, b STRING, f BOOLEAN, z INT");

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{'a':1,'b':'x','f':true,'z':9} ~ 1|x|true|9",
                "{'z':9,'f':true,'b':'x','a':1} ~ 1|x|true|9",
                "{'a':1} ~ 1|null|null|null",
                "{'a':null} ~ null|null|null|null",
                "{'x':{'a':7,'b':[1,{'z':2}]},'a':1,'y':[],'z':9} ~ 1|null|null|9",
                "{'\\u0061':1} ~ 1|null|null|null",
                "{'b':'\\ud83d\\ude00'} ~ null|😀|null|null",
                "{'b':'😀é'} ~ null|😀é|null|null",
                "{'b':'\\\\ud800'} ~ null|\\ud800|null|null",
                "{'b':'x\\u0000y\\/'} ~ null|x\u0000y/|null|null",
                "{'A':1} ~ null|null|null|null",
            })
    void good(String json, String expected) {
        assertEquals(expected, format.show(json.replace('\'', '"')));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{'a':1,'a':2} ~ field: a: sent twice",
                "{'a':1,'b':'x','f':true,'z':9,'z':9} ~ field: z: sent twice",
                "{'a':1,'\\u0061':2} ~ field: a: sent twice",
                "{'a':1,'x':2,'x':3} ~ field: x: sent twice",
                "{'a':1,'x':{'y':[{'k':1,'k':2}]}} ~ field: x.y[0].k: sent twice",
                "{'a':'abc'} ~ field: a: text \"abc\" is no INT",
                "{'b':{'k':1}} ~ field: b: object is no STRING",
                "{'f':[1]} ~ field: f: array is no BOOLEAN",
                "{'f':{'z':1}} ~ field: f: object is no BOOLEAN",
                "{'a':true} ~ field: a: boolean true is no INT",
                "{'a':12.7} ~ field: a: number 12.7 is no INT",
                "{'b':'\\ud800'} ~ field: b: text has a lone surrogate",
                "{'b':'\\udc00'} ~ field: b: text has a lone surrogate",
                "{'b':'\\ud800\\ud800'} ~ field: b: text has a lone surrogate",
                "{'a':1,'x':{'y':'\\uD800 '}} ~ field: x.y: text has a lone surrogate",
                "{'a':1,'\\ud800':1} ~ not_json: ",
                "{} ~ no_known_field: the object is empty",
                "[{'a':1},{'a':2}] ~ not_object: array",
                "[] ~ not_object: array",
                "null ~ not_object: null",
                "42 ~ not_object: number",
                "'x' ~ not_object: text",
                "true ~ not_object: boolean",
                "{'a':1}{'a':2} ~ trailing: ",
                "{'a':1} oops ~ trailing: ",
                "{'a':1}} ~ trailing: ",
                "{'a':1}, ~ trailing: ",
                "{'a':01} ~ not_json: ",
                "{'a':-} ~ not_json: ",
                "{'a':+1} ~ not_json: ",
                "{'a':.5} ~ not_json: ",
                "{'a':1.} ~ not_json: ",
                "{'a':NaN} ~ not_json: ",
                "{'a':Infinity} ~ not_json: ",
                "{'a':1,} ~ not_json: ",
                "{'a' 1} ~ not_json: ",
                "{a:1} ~ not_json: ",
                "{'a':1 ~ not_json: ",
                "{'a':1,'x':'abc ~ not_json: ",
                "{'a':1,'x':[1,2} ~ not_json: ",
                "{'a':1,'x':truex} ~ not_json: ",
                "{'b':'\\x'} ~ not_json: ",
                "{'b':'a\tb'} ~ not_json: ",
                "{'a':1,'x':'a\tb'} ~ not_json: ",
                "{'a':1}/* c */ ~ trailing: ",
                "{/* c */'a':1} ~ not_json: ",
                "oops ~ not_json: ",
                "{ ~ not_json: ",
            })
    void bad(String json, String reason) {
        byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        GenericRowData row = format.row(bytes);
        String error = Harness.string(row, 4);
        assertTrue(error != null && error.startsWith(reason.replace('\'', '"')), error);
        assertTrue(
                !error.matches("(?s).*(Source|REDACTED|Json[A-Z]|StreamRead|jackson|START_|VALUE_|\\bat java).*"),
                error);
        for (int i = 0; i < 4; i++) {
            assertNull(row.getField(i));
        }
        assertEquals(bytes, row.getField(5));
        assertNull(row.getField(6));
    }

    @Test
    void recordsWhoseFieldsAllHaveNoColumnAreGood() {
        GenericRowData row = format.row("{\"p\":{\"x\":2.50},\"q\":null}");
        assertNull(Harness.string(row, 4));
        assertEquals("{\"p\":{\"x\":2.50},\"q\":null}", Harness.string(row, 6));
        assertTrue(format.error("{\"p\":1,\"p\":2}").startsWith("field: p: sent twice"));
    }

    @Test
    void emptyBlankAndTombstone() {
        assertTrue(format.error(new byte[0]).startsWith("empty: zero bytes"));
        assertTrue(format.error(" \n\t\r").startsWith("empty: "));
        GenericRowData tombstone = format.row((byte[]) null);
        assertEquals("tombstone: null value", Harness.string(tombstone, 4));
        assertNull(tombstone.getField(5));
    }

    @Test
    void oneByteOrderMarkIsIgnoredAndNothingElse() {
        assertEquals("1|null|null|null", format.show("\ufeff{\"a\":1}"));
        assertNotNull(format.error("\ufeff\ufeff{\"a\":1}"));
        assertNotNull(format.error(" \ufeff{\"a\":1}"));
        assertTrue(format.error("\ufeff").startsWith("empty: "));
        assertNotNull(format.error("{\"a\":1}".getBytes(StandardCharsets.UTF_16LE)));
        assertNotNull(format.error("{\"a\":1}".getBytes(StandardCharsets.UTF_16BE)));
        assertNotNull(format.error("{\"a\":1}".getBytes(StandardCharsets.UTF_16)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ff",
                "80",
                "c0af",
                "c1bf",
                "e080af",
                "eda080",
                "edbfbf",
                "f08080af",
                "f4908080",
                "f5808080",
                "c3",
                "e282",
                "f09f98",
                "c328"
            })
    void invalidUtf8(String hex) {
        assertTrue(format.error(bytes("{\"b\":\"é", hex, "\"}")).startsWith("field: b: text has invalid UTF-8"));
        assertTrue(format.error(bytes("{\"a\":1,\"x\":{\"k\":\"", hex, "\"}}"))
                .startsWith("field: x.k: text has invalid UTF-8"));
        assertTrue(format.error(bytes("{\"a\":1,\"x", hex, "\":1}")).startsWith("not_json: "));
        assertTrue(format.error(bytes("", hex, "")).startsWith("not_json: "));
    }

    private static byte[] bytes(String before, String hex, String after) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(before.getBytes(StandardCharsets.UTF_8));
        all.writeBytes(HexFormat.of().parseHex(hex));
        all.writeBytes(after.getBytes(StandardCharsets.UTF_8));
        return all.toByteArray();
    }

    @Test
    void sizes() {
        String big = "x".repeat(21_000_000);
        assertEquals(big, Harness.string(format.row("{\"b\":\"" + big + "\"}"), 1));
        assertNull(format.error("{\"a\":1,\"x\":\"" + big + "\"}"));
        assertNull(format.error("{\"x\":" + "[".repeat(999) + "]".repeat(999) + ",\"a\":1}"));
        assertTrue(format.error("{\"x\":" + "[".repeat(1000) + "]".repeat(1000) + ",\"a\":1}")
                .startsWith("too_large: x"));
        assertNotNull(format.error("[".repeat(1_000_000)));
        assertTrue(format.error("{\"a\":1,\"x\":" + "1".repeat(1500) + "}").startsWith("too_large: "));
        assertTrue(format.error("{\"a\":\"" + "1".repeat(1500) + "\"}").startsWith("field: a: "));
        assertTrue(format.error("{\"a\":1,\"" + "n".repeat(60_000) + "\":1}").startsWith("too_large: "));
        String error = format.error("{\"a\":\"" + "😀".repeat(500) + "\"}");
        assertTrue(error.length() < 120 && error.contains("…"), error);
    }

    @Test
    void expensiveNumbersAreCheap() {
        Harness all = Harness.of("i INT, d DECIMAL(38,10), f DOUBLE");
        long start = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            assertNotNull(all.error("{\"i\":1e5000000}"));
            assertNotNull(all.error("{\"d\":1e-5000000}"));
            assertNotNull(all.error("{\"d\":\"1e999999999999999999\"}"));
            assertNotNull(all.error("{\"f\":1e5000000}"));
        }
        assertTrue(System.nanoTime() - start < 2_000_000_000L);
    }

    @Test
    void exactNumbers() {
        Harness exact = Harness.of("l BIGINT, d DECIMAL(38,10), e DECIMAL(38,38), f DOUBLE");
        assertEquals(
                "-9223372036854775808|1234567890123456789012345678.0123456789|0." + "9".repeat(38) + "|-0.0",
                exact.show("{\"l\":-9223372036854775808,\"d\":1234567890123456789012345678.0123456789,\"e\":0."
                        + "9".repeat(38) + ",\"f\":-0}"));
        assertEquals(
                "9223372036854775807|null|null|4.9E-324", exact.show("{\"l\":92233720368547758.07e2,\"f\":4.9e-324}"));
        assertNotNull(exact.error("{\"l\":-9223372036854775809}"));
        assertNotNull(exact.error("{\"d\":12345678901234567890123456789}"));
        assertNotNull(exact.error("{\"d\":0.00000000001}"));
        assertNull(exact.error("{\"d\":0.0000000001000}"));
    }
}
