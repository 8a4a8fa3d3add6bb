package io.pipectl.format;

import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.CharType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LocalZonedTimestampType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.TimeType;
import org.apache.flink.table.types.logical.TimestampType;
import org.apache.flink.table.types.logical.VarBinaryType;
import org.apache.flink.table.types.logical.VarCharType;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** The reader for each column type. */
final class ValueReaders {

    private ValueReaders() {}

    static ValueReader of(LogicalType type) {
        String name = type.asSummaryString();
        return switch (type.getTypeRoot()) {
            case BOOLEAN -> Scalars.booleans(name);
            case TINYINT -> Scalars.tinyints(name);
            case SMALLINT -> Scalars.smallints(name);
            case INTEGER -> Scalars.ints(name);
            case BIGINT -> Scalars.bigints(name);
            case FLOAT -> Scalars.floats(name);
            case DOUBLE -> Scalars.doubles(name);
            case DECIMAL -> Scalars.decimals(name, (DecimalType) type);
            case CHAR -> Texts.strings(name, ((CharType) type).getLength());
            case VARCHAR -> Texts.strings(name, ((VarCharType) type).getLength());
            case VARBINARY -> Texts.bytes(name, ((VarBinaryType) type).getLength());
            case DATE -> Times.dates(name);
            case TIME_WITHOUT_TIME_ZONE -> Times.times(name, ((TimeType) type).getPrecision());
            case TIMESTAMP_WITHOUT_TIME_ZONE -> Times.timestamps(name, ((TimestampType) type).getPrecision());
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
                    Times.instants(name, ((LocalZonedTimestampType) type).getPrecision());
            case ARRAY -> Nested.arrays(name, (ArrayType) type);
            case MAP -> Nested.maps(name, (MapType) type);
            case ROW -> Nested.rows(name, (RowType) type);
            default -> throw new IllegalArgumentException(name); // refused by SupportedTypes before
        };
    }

    /** Reads a value that may be null, if its type may. */
    static ValueReader orNull(LogicalType type) {
        ValueReader values = of(type);
        String name = type.asSummaryString();
        boolean nullable = type.isNullable();
        return at -> {
            if (at.parser.currentToken() != JsonToken.VALUE_NULL) {
                return values.read(at);
            }
            if (!nullable) {
                throw at.isNo(name);
            }
            return null;
        };
    }
}
