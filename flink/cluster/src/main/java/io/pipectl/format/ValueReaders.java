package io.pipectl.format;

import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;

/** The reader for a type that {@link SchemaCheck} allows. */
final class ValueReaders {

    private ValueReaders() {}

    static ValueReader of(LogicalType type) {
        return switch (type.getTypeRoot()) {
            case BOOLEAN -> new BooleanReader(type);
            case TINYINT, SMALLINT, INTEGER, BIGINT -> new IntegerReader(type);
            case FLOAT, DOUBLE -> new FloatingReader(type);
            case DECIMAL -> new DecimalReader((DecimalType) type);
            case CHAR, VARCHAR -> new TextReader(type);
            case BINARY, VARBINARY -> new BytesReader(type);
            case DATE, TIME_WITHOUT_TIME_ZONE, TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
                new TimeReader(type);
            case ARRAY -> new ArrayReader((ArrayType) type);
            case MAP -> new MapReader((MapType) type);
            case ROW -> new NestedRowReader((RowType) type);
            default -> throw new IllegalStateException("unchecked type " + type);
        };
    }
}
