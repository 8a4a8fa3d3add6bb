package io.pipectl.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.iceberg.Files;
import org.apache.iceberg.Schema;
import org.apache.iceberg.flink.FlinkSchemaUtil;
import org.apache.iceberg.flink.data.FlinkParquetReaders;
import org.apache.iceberg.flink.data.FlinkParquetWriters;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows that went through Iceberg's own Parquet writer and reader, into a table whose types have become wider since and
 * that has got a column: with six digits of a second, BIGINT for INT, DOUBLE for FLOAT.
 */
class IcebergRowsTest {

    @TempDir
    Path folder;

    private int added;

    @Test
    void haveTheHashThatTheReaderMade() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        RandomSchema some = new RandomSchema(new Random(seed), false);
        for (int i = 0; i < 60; i++) {
            Records records = new Records(some.schema());
            List<Long> hashes = new ArrayList<>();
            List<RowData> rows = new ArrayList<>();
            for (int k = 0; k < 40; k++) {
                RowData row = records.read(some.written(some.record(records.schema)));
                rows.add(row);
                hashes.add(records.hash(row));
            }
            assertEquals(
                    hashes, again(records, rows, folder.resolve(i + ".parquet").toFile()), "-Dseed=" + seed);
        }
    }

    private List<Long> again(Records records, List<RowData> rows, File file) throws IOException {
        Schema schema = FlinkSchemaUtil.convert(FlinkSchemaUtil.toResolvedSchema(records.stored()));
        try (FileAppender<RowData> appender = Parquet.write(Files.localOutput(file))
                .schema(schema)
                .createWriterFunc(type -> FlinkParquetWriters.buildWriter(records.stored(), type))
                .build()) {
            appender.addAll(rows);
        }
        Schema today = new Schema(wider(schema.asStruct()).asStructType().fields());
        RowType all = FlinkSchemaUtil.convert(today);
        RowType columns = new RowType(all.getFields().subList(0, records.schema.getFieldCount()));
        List<Long> hashes = new ArrayList<>();
        try (CloseableIterable<RowData> read = Parquet.read(Files.localInput(file))
                .project(today)
                .createReaderFunc(type -> FlinkParquetReaders.buildReader(today, type))
                .build()) {
            for (RowData row : read) {
                hashes.add(Records.again(columns, row));
            }
        }
        return hashes;
    }

    /** All that Iceberg allows, and a field more in each ROW. */
    private Type wider(Type type) {
        return switch (type.typeId()) {
            case INTEGER -> Types.LongType.get();
            case FLOAT -> Types.DoubleType.get();
            case DECIMAL -> Types.DecimalType.of(38, ((Types.DecimalType) type).scale());
            case LIST -> {
                Types.ListType list = type.asListType();
                yield Types.ListType.ofOptional(list.elementId(), wider(list.elementType()));
            }
            case MAP -> {
                Types.MapType map = type.asMapType();
                yield Types.MapType.ofOptional(map.keyId(), map.valueId(), map.keyType(), wider(map.valueType()));
            }
            case STRUCT -> {
                List<Types.NestedField> fields = new ArrayList<>();
                for (Types.NestedField field : type.asStructType().fields()) {
                    fields.add(Types.NestedField.optional(field.fieldId(), field.name(), wider(field.type())));
                }
                fields.add(Types.NestedField.optional(10_000 + added++, "added", Types.StringType.get()));
                yield Types.StructType.of(fields);
            }
            default -> type;
        };
    }
}
