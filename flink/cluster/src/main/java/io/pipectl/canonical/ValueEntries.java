package io.pipectl.canonical;

import java.util.Base64;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;

/**
 * The entries of the values of one SQL type, in Flink's internal form. The reader and the table's rows go through the
 * same code, so that they cannot differ. Not thread-safe.
 */
@FunctionalInterface
public interface ValueEntries {

    /** The sum of a value's entries at this path. Never called for NULL, which has none. */
    long sum(long path, Object value);

    /** @throws IllegalArgumentException for a type that has no JSON value */
    static ValueEntries of(LogicalType type) {
        return switch (type.getTypeRoot()) {
            case BOOLEAN -> (path, value) -> Entry.bool(path, (Boolean) value);
            case INTEGER -> (path, value) -> Numbers.integer(path, (Integer) value);
            case TINYINT, SMALLINT, BIGINT -> (path, value) -> Numbers.integer(path, ((Number) value).longValue());
            case FLOAT -> (path, value) -> Numbers.real(path, (Float) value);
            case DOUBLE -> (path, value) -> Numbers.real(path, (Double) value);
            case DECIMAL -> (path, value) -> decimal(path, (DecimalData) value);
            case CHAR, VARCHAR -> new TextEntries();
            case BINARY, VARBINARY -> (path, value) -> bytes(path, (byte[]) value);
            case DATE, TIME_WITHOUT_TIME_ZONE, TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
                time(type);
            case ARRAY -> array((ArrayType) type);
            case MAP -> new MapEntries((MapType) type);
            case ROW -> new RowEntries((RowType) type);
            // A literal NULL in SQL.
            case NULL -> (path, value) -> 0;
            default -> throw new IllegalArgumentException(type.asSummaryString() + " has no canonical form");
        };
    }

    private static long decimal(long path, DecimalData value) {
        return value.isCompact()
                ? Numbers.exact(path, value.toUnscaledLong(), -value.scale())
                : Numbers.exact(path, value.toBigDecimal().unscaledValue(), -value.scale());
    }

    /** JSON has no bytes: the reader takes base64. */
    private static long bytes(long path, byte[] value) {
        byte[] base64 = Base64.getEncoder().encode(value);
        return Entry.text(path, base64, 0, base64.length);
    }

    private static ValueEntries time(LogicalType type) {
        TimeText text = new TimeText();
        return switch (type.getTypeRoot()) {
            case DATE -> (path, value) -> text.date(path, (Integer) value);
            case TIME_WITHOUT_TIME_ZONE -> (path, value) -> text.time(path, (Integer) value);
            case TIMESTAMP_WITHOUT_TIME_ZONE -> (path, value) -> text.timestamp(path, (TimestampData) value, false);
            default -> (path, value) -> text.timestamp(path, (TimestampData) value, true);
        };
    }

    private static ValueEntries array(ArrayType type) {
        ValueEntries elements = of(type.getElementType());
        ArrayData.ElementGetter getter = ArrayData.createElementGetter(type.getElementType());
        return (path, value) -> {
            ArrayData array = (ArrayData) value;
            long sum = Entry.array(path, array.size());
            for (int i = 0; i < array.size(); i++) {
                Object element = getter.getElementOrNull(array, i);
                if (element != null) {
                    sum += elements.sum(Entry.element(path, i), element);
                }
            }
            return sum;
        };
    }
}
