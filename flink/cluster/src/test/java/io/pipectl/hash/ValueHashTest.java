package io.pipectl.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;

/** Random records of random schemas: the hash is the reader's, the table's, and that of the values alone. */
class ValueHashTest {

    private static final int SCHEMAS = 400;
    private static final int RECORDS = 20;

    private RandomSchema some;
    private Random random;

    private void forSchemas(boolean canonical, Consumer<Records> check) {
        long seed = Long.getLong("seed", System.nanoTime());
        random = new Random(seed);
        some = new RandomSchema(random, canonical);
        for (int i = 0; i < SCHEMAS; i++) {
            Records records = new Records(some.schema());
            try {
                check.accept(records);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("-Dseed=" + seed + ", " + records.schema, e);
            }
        }
    }

    @Test
    void theTableSaysWhatTheReaderSaid() {
        forSchemas(false, records -> {
            RowDataSerializer binary = new RowDataSerializer(records.produced());
            for (int i = 0; i < RECORDS; i++) {
                String json = some.written(some.record(records.schema));
                RowData row = records.read(json);
                assertEquals(records.hash(row), Records.again(records.schema, row), json);
                // As rows come from an exchange: in pages, where texts lie in the row.
                assertEquals(records.hash(row), Records.again(records.schema, binary.toBinaryRow(row)), json);
            }
        });
    }

    @Test
    void whicheverColumnsAQueryAsksFor() {
        Records all = Records.of("a INT, b STRING");
        String json = "{\"a\":1,\"b\":\"x\",\"c\":[1]}";
        assertEquals(
                all.hash(json),
                all.alone().deserialize(json.getBytes(StandardCharsets.UTF_8)).getLong(0));
    }

    @Test
    void orderAndBlanksDoNotMatter() {
        forSchemas(false, records -> {
            Map<String, Object> record = some.record(records.schema);
            assertEquals(records.hash(some.written(record)), records.hash(some.written(record)));
        });
    }

    @Test
    void anotherValueIsAnotherHash() {
        int[] different = {0, 0};
        forSchemas(false, records -> {
            Map<String, Object> record = some.record(records.schema);
            for (int i = 0; i < RECORDS; i++) {
                String before = some.written(record);
                String after = some.written(some.changed(record, records.schema));
                RowData one = records.read(before);
                RowData other = records.read(after);
                boolean same = PlainForm.of(records.schema, one).equals(PlainForm.of(records.schema, other));
                assertEquals(same, records.hash(one) == records.hash(other), before + " and " + after);
                different[same ? 0 : 1]++;
            }
        });
        assertTrue(different[0] > 100 && different[1] > 1000, different[0] + " the same, " + different[1] + " not");
    }

    @Test
    void aFieldWithoutAColumnIsTheSameField() {
        forSchemas(true, records -> {
            RowType schema = records.schema;
            List<RowType.RowField> fewer = schema.getFields().stream()
                    .filter(field -> field.equals(schema.getFields().get(0)) || random.nextBoolean())
                    .toList();
            Records older = new Records(new RowType(fewer));
            for (int i = 0; i < RECORDS; i++) {
                String json = some.written(some.record(schema));
                assertEquals(records.hash(json), older.hash(json), json);
            }
        });
    }

    @Test
    void nothingIsNotEmpty() {
        Records records = Records.of("x INT, r ROW<a INT>, m MAP<STRING, INT>, l ARRAY<INT>");
        String[] different = {
            "{\"x\":1}",
            "{\"x\":1,\"r\":{}}",
            "{\"x\":1,\"m\":{}}",
            "{\"x\":1,\"m\":{\"a\":null}}",
            "{\"x\":1,\"l\":[]}",
            "{\"x\":1,\"l\":[null]}",
            "{\"x\":1,\"l\":[null,null]}",
            "{\"x\":1,\"e\":{}}",
            "{\"x\":1,\"e\":[]}",
            "{\"x\":1,\"e\":\"\"}",
            "{\"x\":0}",
        };
        assertEquals(
                different.length,
                Arrays.stream(different).map(records::hash).distinct().count());
        assertEquals(records.hash("{\"x\":1}"), records.hash("{\"x\":1,\"r\":null,\"l\":null,\"e\":null}"));
        assertEquals(records.hash("{\"x\":1,\"r\":{}}"), records.hash("{\"x\":1,\"r\":{\"a\":null}}"));
    }

    @Test
    void whatAnotherProgramPutIntoExtraFields() {
        RowType schema = Records.of("x INT").schema;
        long good = Records.again(schema, row("{\"e\":1}"));
        for (String json : List.of("{\"e\":1", "{\"e\":1}}", "[1]", "1", "", "{\"e\":1,\"e\":1}", "{\"e\":01}")) {
            assertNotEquals(good, Records.again(schema, row(json)), json);
        }
        assertNotEquals(Records.again(schema, row("")), Records.again(schema, row(null)));
    }

    private static RowData row(String extraFields) {
        return GenericRowData.of(1, StringData.fromString(extraFields));
    }
}
