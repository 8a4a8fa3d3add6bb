package io.pipectl.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each kind of value for each type of column. {@code -} stands for a dead letter that names field and value. */
class ValueTableTest {

    private static final String SENT = """
            12 | "12" | " 12 " | 12.0 | 12.7 | "12.0" | "12.7" | 1e3 | 2147483648 | 9223372036854775808 | "" | "abc" \
            | true | "true" | "yes" | null | {"a":1} | [1,2] | "NaN" | "Infinity" | "1d" | "0x1p3" | 123456789012.345 \
            | 1.005 | "2024-01-01" | -0.0 | 9007199254740993 | 1e400 | 1e5000000 | 1e-5000000 | "007" | "+1" | 0e99999999999""";

    private static final String[] EXPECTED = {
        "TINYINT:  12|12|12|12|-|12|-|-|-|-|-|-|-|-|-|null|-|-|-|-|-|-|-|-|-|0|-|-|-|-|-|-|0",
        "SMALLINT: 12|12|12|12|-|12|-|1000|-|-|-|-|-|-|-|null|-|-|-|-|-|-|-|-|-|0|-|-|-|-|-|-|0",
        "INT:      12|12|12|12|-|12|-|1000|-|-|-|-|-|-|-|null|-|-|-|-|-|-|-|-|-|0|-|-|-|-|-|-|0",
        "BIGINT:   12|12|12|12|-|12|-|1000|2147483648|-|-|-|-|-|-|null|-|-|-|-|-|-|-|-|-|0|9007199254740993|-|-|-|-|-|0",
        "DOUBLE:   12.0|12.0|12.0|12.0|12.7|12.0|12.7|1000.0|2.147483648E9|9.223372036854776E18|-|-|-|-|-|null|-|-|-|-|-|-"
                + "|1.23456789012345E11|1.005|-|-0.0|9.007199254740992E15|-|-|-|-|-|0.0",
        "FLOAT:    12.0|12.0|12.0|12.0|12.7|12.0|12.7|1000.0|2.14748365E9|9.223372E18|-|-|-|-|-|null|-|-|-|-|-|-"
                + "|1.23456791E11|1.005|-|-0.0|9.0071993E15|-|-|-|-|-|0.0",
        "DECIMAL(10,2): 12.00|12.00|12.00|12.00|12.70|12.00|12.70|1000.00|-|-|-|-|-|-|-|null|-|-|-|-|-|-|-|-|-|0.00|-|-|-"
                + "|-|-|-|0.00",
        "DECIMAL(38,0): 12|12|12|12|-|12|-|1000|2147483648|9223372036854775808|-|-|-|-|-|null|-|-|-|-|-|-|-|-|-|0"
                + "|9007199254740993|-|-|-|-|-|0",
        "STRING:   12|12| 12 |12.0|12.7|12.0|12.7|1e3|2147483648|9223372036854775808||abc|true|true|yes|null|-|-|NaN"
                + "|Infinity|1d|0x1p3|123456789012.345|1.005|2024-01-01|-0.0|9007199254740993|1e400|1e5000000|1e-5000000"
                + "|007|+1|0e99999999999",
        "VARCHAR(3): 12|12|-|-|-|-|-|1e3|-|-||abc|-|-|yes|null|-|-|NaN|-|1d|-|-|-|-|-|-|-|-|-|007|+1|-",
        "BOOLEAN:  -|-|-|-|-|-|-|-|-|-|-|-|true|-|-|null|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-",
        "DATE:     -|-|-|-|-|-|-|-|-|-|-|-|-|-|-|null|-|-|-|-|-|-|-|-|19723|-|-|-|-|-|-|-|-",
        "TIME:     -|-|-|-|-|-|-|-|-|-|-|-|-|-|-|null|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-",
        "TIMESTAMP(3): -|-|-|-|-|-|-|-|-|-|-|-|-|-|-|null|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-",
        "TIMESTAMP_LTZ(3): -|-|-|-|-|-|-|-|-|-|-|-|-|-|-|null|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-",
        "ROW<x INT>:   -|-|-|-|-|-|-|-|-|-|-|-|-|-|-|null|unknown|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-",
        "MAP<STRING,INT>: -|-|-|-|-|-|-|-|-|-|-|-|-|-|-|null|map|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-",
        "ARRAY<INT>: -|-|-|-|-|-|-|-|-|-|-|-|-|-|-|null|-|array|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-",
    };

    private static final String[] TIMES = {
        "DATE '2024-02-29' 19782",
        "DATE '2023-02-29' -",
        "DATE '1900-02-29' -",
        "DATE '2000-02-29' 11016",
        "DATE '1969-12-31' -1",
        "DATE '0000-01-01' -719528",
        "DATE '9999-12-31' 2932896",
        "DATE '2024-1-1' -",
        "DATE '2024-13-01' -",
        "DATE '2024-00-01' -",
        "DATE '2024-04-31' -",
        "DATE '2024-01-01 ' -",
        "DATE '20240101' -",
        // MySQL's zero date, which Flink's own functions have stumbled over.
        "DATE '0000-00-00' -",
        "DATE '2024-01-00' -",
        "TIMESTAMP(3) '0000-00-00 00:00:00' -",
        "TIMESTAMP(6) '0000-00-00 00:00:00.000000' -",
        "TIMESTAMP_LTZ(3) '0000-00-00T00:00:00Z' -",
        "TIME '23:59:59' 86399000",
        "TIME(3) '00:00:00.123' 123",
        "TIME(3) '00:00:00.1234' -",
        "TIME '24:00:00' -",
        "TIME(3) '00:00:00.123000000000' 123",
        "TIME '10:00:00Z' 36000000",
        "TIME '10:00' -",
        "TIME '10:00:00.5' -",
        "TIMESTAMP(3) '2024-01-01 00:00:00' 2024-01-01T00:00",
        "TIMESTAMP(3) '2024-01-01T00:00:00' 2024-01-01T00:00",
        "TIMESTAMP(3) '2024-01-01T00:00:00Z' 2024-01-01T00:00",
        "TIMESTAMP(3) '2024-01-01 00:00:00Z' 2024-01-01T00:00",
        "TIMESTAMP(3) '2024-01-01 00:00:00.123456' -",
        "TIMESTAMP(6) '2024-01-01 00:00:00.123456' 2024-01-01T00:00:00.123456",
        "TIMESTAMP(3) '2024-01-01 00:00:00.123000' 2024-01-01T00:00:00.123",
        "TIMESTAMP(0) '2024-01-01 00:00:00.0' 2024-01-01T00:00",
        "TIMESTAMP(9) '1969-12-31 23:59:59.999999999' 1969-12-31T23:59:59.999999999",
        "TIMESTAMP(3) '2024-01-01 00:00:00.' -",
        "TIMESTAMP(3) '2024-01-01T00:00:00+02:00' -",
        "TIMESTAMP(3) '2024-01-01T00:00:00+00:00' -",
        "TIMESTAMP(3) '2024-02-30 00:00:00' -",
        "TIMESTAMP(3) '2024-01-01 24:00:00' -",
        "TIMESTAMP(3) '2024-01-01 00:00' -",
        "TIMESTAMP(3) '2024-01-01 23:59:60' -",
        "TIMESTAMP(3) ' 2024-01-01 00:00:00' -",
        "TIMESTAMP(3) '2024-01-01t00:00:00' -",
        "TIMESTAMP(3) '1704067200000' -",
        "TIMESTAMP_LTZ(3) '2024-01-01T00:00:00Z' 2024-01-01T00:00",
        "TIMESTAMP_LTZ(3) '2024-01-01 00:00:00+02:00' 2023-12-31T22:00",
        "TIMESTAMP_LTZ(3) '2024-01-01T00:00:00-05:30' 2024-01-01T05:30",
        "TIMESTAMP_LTZ(3) '2024-01-01T00:00:00' -",
        "TIMESTAMP_LTZ(3) '2024-01-01T00:00:00+19:00' -",
        "TIMESTAMP_LTZ(3) '2024-01-01T00:00:00+02:60' -",
        "TIMESTAMP_LTZ(3) '2024-01-01T00:00:00Z+02:00' -",
    };

    @TestFactory
    Stream<DynamicTest> everyValueInEveryColumn() {
        List<DynamicTest> tests = new ArrayList<>();
        String[] sent = SENT.split(" \\| ");
        for (String line : EXPECTED) {
            String type = line.substring(0, line.indexOf(':'));
            String[] cells =
                    line.substring(line.indexOf(':') + 1).stripLeading().split("\\|", -1);
            assertEquals(sent.length, cells.length, line);
            for (int i = 0; i < sent.length; i++) {
                tests.add(cell(type, sent[i], cells[i]));
            }
        }
        for (String line : TIMES) {
            String[] parts = line.split("'");
            tests.add(cell(parts[0].strip(), '"' + parts[1] + '"', parts[2].strip()));
        }
        return tests.stream();
    }

    private static DynamicTest cell(String type, String sent, String expected) {
        return DynamicTest.dynamicTest(type + " <- " + sent, () -> {
            Harness format = Harness.of("c " + type);
            String shown = format.show("{\"c\":" + sent + "}");
            switch (expected) {
                case "-" -> {
                    String error = format.error("{\"c\":" + sent + "}");
                    assertTrue(error != null && error.startsWith("field: c: "), shown);
                    assertTrue(
                            error.matches("(?s)field: c: (text \"|number|boolean|object|array).* is no [A-Z].*"),
                            shown);
                }
                case "unknown" -> assertEquals("ERROR field: c.a: unknown field in a ROW", shown);
                case "map" -> assertTrue(shown.contains("GenericMapData"), shown);
                case "array" -> assertTrue(shown.contains("GenericArrayData"), shown);
                default -> assertEquals(expected, shown);
            }
        });
    }
}
