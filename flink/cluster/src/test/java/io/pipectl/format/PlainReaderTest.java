package io.pipectl.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeParser;
import org.junit.jupiter.api.Test;

/** Whatever the fast path accepts, the parser accepts with the same values. */
class PlainReaderTest {

    private static final int RECORDS = 300_000;
    private static final String FIELDS = "i INT, y TINYINT, l BIGINT, d DOUBLE, f FLOAT, n DECIMAL(9,2), s STRING,"
            + " v VARCHAR(3), b BOOLEAN, x BYTES, a DATE, h TIME(3), t TIMESTAMP(6), z TIMESTAMP_LTZ(3), r ARRAY<INT>";
    private static final RowType SCHEMA =
            (RowType) LogicalTypeParser.parse("ROW<" + FIELDS + ">", PlainReaderTest.class.getClassLoader());
    private static final List<String> NAMES = SCHEMA.getFieldNames();
    private static final String[] VALUES = {
        "12",
        "-0",
        "1.5",
        "1e2",
        "300",
        "2147483648",
        "\"7\"",
        "\" 8 \"",
        "0.10",
        "1.234",
        "1e400",
        "1e-400",
        "\"\"",
        "\"abc\"",
        "\"abcd\"",
        "true",
        "false",
        "null",
        "\"true\"",
        "\"YWJj\"",
        "\"2024-02-29\"",
        "\"2023-02-29\"",
        "\"10:20:30.5\"",
        "\"2024-01-02 03:04:05\"",
        "\"2024-01-02T03:04:05Z\"",
        "\"2024-01-02 03:04:05+01:00\"",
        "[1]",
        "{}",
        "01",
        "1.",
        "-",
    };
    /** One entry for each column. */
    private static final String[] FITTING = {
        "12",
        "-7",
        "\"3000000000\"",
        "2.5e3",
        "0.1",
        "1234567.80",
        "\"text\"",
        "\"abc\"",
        "true",
        "\"YWJj\"",
        "\"2024-02-29\"",
        "\"10:20:30.5\"",
        "\"2024-01-02 03:04:05.000001\"",
        "\"2024-01-02T03:04:05Z\"",
        "[1]",
    };

    private static final String MARKS = "{}[]\":,\\ \t\n\u0000\u0001\u007f0123456789.-+eEtrufalsnZT\u00e9";
    private static final String BYTE_ORDER_MARK = "\ufeff";

    private final FieldTable fields = new FieldTable(NAMES);
    private final ValueReader[] readers =
            SCHEMA.getChildren().stream().map(ValueReaders::of).toArray(ValueReader[]::new);
    private final int[] places = IntStream.range(0, NAMES.size()).toArray();
    private final Harness format = Harness.of(FIELDS);

    @Test
    void agreesWithTheParser() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        int taken = 0;
        for (int i = 0; i < RECORDS; i++) {
            String record = record(random);
            GenericRowData row = plain(record);
            if (row != null) {
                taken++;
                // The byte order mark is not ASCII, so that the record goes to the parser.
                GenericRowData parsed = format.row(BYTE_ORDER_MARK + record);
                String where = "seed " + seed + ": " + record;
                assertNull(parsed.getField(format.columns), where);
                for (int k = 0; k < format.columns; k++) {
                    assertEquals(parsed.getField(k), row.getField(k), where);
                }
            }
        }
        assertTrue(taken > RECORDS / 10 && taken < RECORDS, taken + " taken");
    }

    @Test
    void takesWhatIsPlain() {
        assertTrue(
                plain("{\"i\":1,\"s\":\"a\",\"t\":\"2024-01-02 03:04:05\",\"d\":1.5,\"b\":true,\"l\":null}") != null);
        assertTrue(plain(" \t\n\r{ \"s\" : \"\" , \"i\"\t:\n1 } ") != null);
    }

    @Test
    void leavesTheRest() {
        for (String record : List.of(
                "{}",
                "{\"i\":1}}",
                "{\"i\":1,}",
                "{\"i\":1,\"i\":1}",
                "{\"i\":1\u0001}",
                "{\"i\":}",
                "{\"i\":1",
                "{\"i\"",
                "{\"i",
                "{",
                "{\"unknown\":1}",
                "{\"r\":[1]}",
                "{\"s\":1}",
                "{\"s\":\"a\u0001\"}",
                "{\"i\u0000\":1}",
                "{\"i\":1\u0000}",
                "{\"i\":nul}")) {
            assertNull(plain(record), record);
        }
    }

    @Test
    void aNameThatNeedsAnEscapeIsNotPlain() {
        FieldTable odd = new FieldTable(List.of("a\"b", "c\td"));
        ValueReader[] text = {readers[6], readers[6]};
        for (String record : List.of("{\"a\"b\":\"x\"}", "{\"c\td\":\"x\"}")) {
            byte[] bytes = record.getBytes(StandardCharsets.US_ASCII);
            assertFalse(new PlainReader(odd, text, places, null).read(new GenericRowData(2), bytes, 0), record);
        }
    }

    @Test
    void triesAgainAfterOthers() {
        Harness two = Harness.of("a INT, s STRING");
        for (int i = 0; i < 5000; i++) {
            assertEquals("1|x", two.show("{\"a\":1,\"s\":\"x\"" + (i < 2000 ? ",\"more\":[]}" : "}")));
            assertEquals(i < 2000 ? "{\"more\":[]}" : null, two.extra("{\"a\":1" + (i < 2000 ? ",\"more\":[]}" : "}")));
        }
    }

    /** Null if the fast path gives up. Each call uses a new reader, because one that gave up pauses. */
    private GenericRowData plain(String record) {
        byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
        int from = record.indexOf('{');
        GenericRowData row = new GenericRowData(NAMES.size());
        boolean possible = from >= 0 && record.substring(0, from).isBlank() && TextCheck.plain(bytes);
        return possible && new PlainReader(fields, readers, places, null).read(row, bytes, from) ? row : null;
    }

    private static String record(Random random) {
        StringBuilder json = new StringBuilder("{");
        for (int k = random.nextInt(4); k >= 0; k--) {
            int field = random.nextInt(NAMES.size());
            boolean fitting = random.nextInt(8) > 0;
            json.append('"').append(NAMES.get(field)).append("\":");
            json.append(fitting ? FITTING[field] : VALUES[random.nextInt(VALUES.length)])
                    .append(k == 0 ? '}' : ',');
        }
        for (int k = random.nextInt(3); k > 0; k--) {
            int at = random.nextInt(json.length());
            char mark = MARKS.charAt(random.nextInt(MARKS.length()));
            switch (random.nextInt(3)) {
                case 0 -> json.setCharAt(at, mark);
                case 1 -> json.insert(at, mark);
                default -> json.deleteCharAt(at);
            }
            if (json.length() == 0) {
                return "{";
            }
        }
        return json.toString();
    }
}
