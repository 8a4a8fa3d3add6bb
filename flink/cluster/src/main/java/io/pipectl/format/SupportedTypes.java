package io.pipectl.format;

import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;

/** Refuses, while a query is planned, each column that a JSON value cannot fill exactly. */
final class SupportedTypes {

    private SupportedTypes() {}

    static void check(RowType physical) {
        for (RowType.RowField field : physical.getFields()) {
            if (!field.getType().isNullable()) {
                throw new ValidationException(
                        "pipectl-json: column '" + field.getName() + "' is " + field.getType().asSummaryString()
                                + ", but a bad record is a row whose columns are all NULL: declare the column without NOT NULL.");
            }
            checkType(field.getName(), field.getType());
        }
    }

    private static void checkType(String path, LogicalType type) {
        switch (type.getTypeRoot()) {
            case BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, FLOAT, DOUBLE, DECIMAL, CHAR, VARCHAR, VARBINARY, DATE,
                    TIME_WITHOUT_TIME_ZONE, TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE -> { }
            case ARRAY -> checkType(path + "[]", ((ArrayType) type).getElementType());
            case MAP -> {
                MapType map = (MapType) type;
                if (!map.getKeyType().is(LogicalTypeFamily.CHARACTER_STRING)) {
                    throw new ValidationException("pipectl-json: the keys of '" + path + "' are "
                            + map.getKeyType().asSummaryString() + ", but the names of a JSON object are STRING.");
                }
                checkType(path + "{}", map.getValueType());
            }
            case ROW -> {
                for (RowType.RowField field : ((RowType) type).getFields()) {
                    checkType(path + "." + field.getName(), field.getType());
                }
            }
            default -> throw new ValidationException("pipectl-json: column '" + path + "' has the type "
                    + type.asSummaryString() + ", for which JSON has no exact value.");
        }
    }
}
