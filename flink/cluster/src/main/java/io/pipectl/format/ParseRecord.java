package io.pipectl.format;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.TableFunction;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.InputTypeStrategies;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeParser;
import org.apache.flink.table.types.utils.DataTypeUtils;
import org.apache.flink.table.types.utils.TypeConversions;

/**
 * {@code TABLE(f(value, schema, notNull))}: one row for the bytes of one record, parsed like the format {@code
 * pipectl-json} does: the columns of {@code schema} (a literal such as {@code 'ROW<`a` INT>'}), then {@code
 * parse_error} and {@code extra_fields}. For records that are in a table and no longer in Kafka.
 *
 * <p>A table function, because Flink would call a scalar function once for each of its fields in a query.
 */
public final class ParseRecord extends TableFunction<RowData> {

    private static final long serialVersionUID = 1L;

    private static final RecordMetadata[] METADATA = {RecordMetadata.PARSE_ERROR, RecordMetadata.EXTRA_FIELDS};

    private transient RecordReader reader;

    /** Called once per row. The schema and the names are literals, so that one reader serves all rows. */
    public void eval(byte[] value, String schema, String notNull) {
        if (reader == null) {
            RowType row = SchemaCheck.withNotNull(rowType(schema), notNull);
            int[] all = IntStream.range(0, row.getFieldCount()).toArray();
            reader = new RecordReader(row, all, METADATA);
        }
        collect(reader.read(value));
    }

    @Override
    public TypeInference getTypeInference(DataTypeFactory types) {
        var literal = InputTypeStrategies.and(
                InputTypeStrategies.LITERAL, InputTypeStrategies.logical(LogicalTypeFamily.CHARACTER_STRING));
        return TypeInference.newBuilder()
                .inputTypeStrategy(
                        InputTypeStrategies.sequence(InputTypeStrategies.explicit(DataTypes.BYTES()), literal, literal))
                .outputTypeStrategy(ParseRecord::output)
                .build();
    }

    private static Optional<DataType> output(CallContext call) {
        String schema = call.getArgumentValue(1, String.class)
                .orElseThrow(() -> new ValidationException("the schema must be a literal"));
        RowType row = rowType(schema);
        SchemaCheck.validate(row);
        DataType record = TypeConversions.fromLogicalToDataType(row);
        List<DataTypes.Field> metadata = Arrays.stream(METADATA)
                .map(one -> DataTypes.FIELD(one.key(), one.dataType()))
                .toList();
        return Optional.of(DataTypeUtils.toInternalDataType(DataTypeUtils.appendRowFields(record, metadata)));
    }

    private static RowType rowType(String schema) {
        if (LogicalTypeParser.parse(schema, ParseRecord.class.getClassLoader()) instanceof RowType row) {
            return row;
        }
        throw new ValidationException(schema + " is no ROW");
    }
}
