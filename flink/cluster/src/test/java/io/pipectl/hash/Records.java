package io.pipectl.hash;

import io.pipectl.format.RecordMetadata;
import io.pipectl.format.StrictJsonDeserializationSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;
import org.apache.flink.table.types.logical.utils.LogicalTypeParser;

/** Records as the strict reader reads them by one schema: their columns, and after them extra_fields and value_hash. */
final class Records {

    private static final List<RecordMetadata> METADATA =
            List.of(RecordMetadata.EXTRA_FIELDS, RecordMetadata.VALUE_HASH, RecordMetadata.PARSE_ERROR);

    final RowType schema;
    private final StrictJsonDeserializationSchema reader;

    Records(RowType schema) {
        this.schema = schema;
        int[] all = IntStream.range(0, schema.getFieldCount()).toArray();
        reader = new StrictJsonDeserializationSchema(schema, all, METADATA, InternalTypeInfo.of(schema));
    }

    static Records of(String fields) {
        return new Records((RowType) LogicalTypeParser.parse("ROW<" + fields + ">", Records.class.getClassLoader()));
    }

    /** A reader of the hash alone. */
    StrictJsonDeserializationSchema alone() {
        return new StrictJsonDeserializationSchema(
                schema, new int[0], List.of(RecordMetadata.VALUE_HASH), InternalTypeInfo.of(schema));
    }

    /** The row of a good record. */
    RowData read(String json) {
        RowData row = reader.deserialize(json.getBytes(StandardCharsets.UTF_8));
        StringData error = row.getString(schema.getFieldCount() + 2);
        if (error != null) {
            throw new AssertionError(error + " in " + json + " as " + schema);
        }
        return row;
    }

    /** What the reader says. */
    long hash(String json) {
        return hash(read(json));
    }

    long hash(RowData row) {
        return row.getLong(schema.getFieldCount() + 1);
    }

    /** What the table's row says, which begins with columns of these types and extra_fields. */
    static long again(RowType types, RowData row) {
        int columns = types.getFieldCount();
        Object[] arguments = new Object[2 * columns + 1];
        arguments[0] = row.isNullAt(columns) ? null : row.getString(columns);
        for (int i = 0; i < columns; i++) {
            arguments[2 * i + 1] = StringData.fromString(types.getFieldNames().get(i));
            arguments[2 * i + 2] =
                    RowData.createFieldGetter(types.getTypeAt(i), i).getFieldOrNull(row);
        }
        return new ValueHash(types.getFieldNames(), types.getChildren()).eval(arguments);
    }

    /** The columns and extra_fields, as bronze has them. */
    RowType stored() {
        return with("extra_fields", VarCharType.STRING_TYPE);
    }

    /** And all metadata. */
    RowType produced() {
        List<RowType.RowField> fields = new ArrayList<>(stored().getFields());
        fields.add(new RowType.RowField("value_hash", new BigIntType()));
        fields.add(new RowType.RowField("parse_error", VarCharType.STRING_TYPE));
        return new RowType(fields);
    }

    private RowType with(String name, LogicalType type) {
        List<RowType.RowField> fields = new ArrayList<>(schema.getFields());
        fields.add(new RowType.RowField(name, type));
        return new RowType(fields);
    }
}
