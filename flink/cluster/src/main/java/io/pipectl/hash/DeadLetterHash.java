package io.pipectl.hash;

import io.pipectl.canonical.Entry;
import io.pipectl.canonical.ValueEntries;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.ScalarFunction;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.UserDefinedFunction;
import org.apache.flink.table.types.inference.InputTypeStrategies;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.VarBinaryType;

/**
 * {@code f(incarnation, partition, offset, kafka_key, headers, raw_value)}: the hash of a dead letter at its place in
 * Kafka, as of a row with these three fields. Not of the reason, which another version of the reader may word
 * differently, nor of a time. NULL if a part of the place is.
 */
public final class DeadLetterHash extends ScalarFunction implements SpecializedFunction {

    private static final long serialVersionUID = 1L;

    private static final ValueEntries BYTES = ValueEntries.of(new VarBinaryType(VarBinaryType.MAX_LENGTH));
    private static final long KEY = Entry.field(Entry.ROOT, Entry.name("kafka_key"));
    private static final long HEADERS = Entry.field(Entry.ROOT, Entry.name("headers"));
    private static final long VALUE = Entry.field(Entry.ROOT, Entry.name("raw_value"));

    private final LogicalType headersType;
    private transient ValueEntries headersEntries;

    /** For Flink, which then asks for the function of one call. */
    public DeadLetterHash() {
        this(null);
    }

    DeadLetterHash(LogicalType headersType) {
        this.headersType = headersType;
    }

    @Override
    public UserDefinedFunction specialize(SpecializedContext context) {
        return new DeadLetterHash(
                context.getCallContext().getArgumentDataTypes().get(4).getLogicalType());
    }

    /** Called once per row, with the headers in Flink's internal form; all three may be null. */
    public Long eval(Long incarnation, Long partition, Long offset, byte[] key, Object headers, byte[] value) {
        if (incarnation == null || partition == null || offset == null) {
            return null;
        }
        if (headersEntries == null) {
            headersEntries = ValueEntries.of(headersType);
        }
        long sum = sum(BYTES, KEY, key) + sum(headersEntries, HEADERS, headers) + sum(BYTES, VALUE, value);
        return Entry.placed(Entry.row(sum), incarnation, partition, offset);
    }

    private static long sum(ValueEntries entries, long path, Object value) {
        return value == null ? 0 : entries.sum(path, value);
    }

    @Override
    public TypeInference getTypeInference(DataTypeFactory types) {
        var number = InputTypeStrategies.explicit(DataTypes.BIGINT());
        var bytes = InputTypeStrategies.explicit(DataTypes.BYTES());
        return TypeInference.newBuilder()
                .inputTypeStrategy(
                        InputTypeStrategies.sequence(number, number, number, bytes, new ColumnArgument(), bytes))
                .outputTypeStrategy(TypeStrategies.explicit(DataTypes.BIGINT()))
                .build();
    }
}
