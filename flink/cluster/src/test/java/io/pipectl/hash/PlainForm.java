package io.pipectl.hash;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.LocalDate;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.MapData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;

/** The canonical form of docs/account.md without hashes: paths and texts in a map. It shares no code with the real one. */
final class PlainForm {

    private static final JsonMapper TREE = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final Map<String, String> entries = new TreeMap<>();

    private PlainForm() {}

    /** Of a row of columns and extra_fields. */
    static Map<String, String> of(RowType columns, RowData row) {
        PlainForm form = new PlainForm();
        for (int i = 0; i < columns.getFieldCount(); i++) {
            Object value = RowData.createFieldGetter(columns.getTypeAt(i), i).getFieldOrNull(row);
            form.add("/" + columns.getFieldNames().get(i), columns.getTypeAt(i), value);
        }
        if (!row.isNullAt(columns.getFieldCount())) {
            try {
                TREE.readTree(row.getString(columns.getFieldCount()).toString())
                        .fields()
                        .forEachRemaining(field -> form.add("/" + field.getKey(), field.getValue()));
            } catch (JsonProcessingException e) {
                throw new AssertionError(e);
            }
        }
        return form.entries;
    }

    private void add(String path, LogicalType type, Object value) {
        if (value == null) {
            return;
        }
        switch (type.getTypeRoot()) {
            case ROW -> {
                entries.put(path, "object");
                RowType row = (RowType) type;
                for (int i = 0; i < row.getFieldCount(); i++) {
                    add(
                            path + "/" + row.getFieldNames().get(i),
                            row.getTypeAt(i),
                            RowData.createFieldGetter(row.getTypeAt(i), i).getFieldOrNull((RowData) value));
                }
            }
            case MAP -> {
                entries.put(path, "object");
                MapData map = (MapData) value;
                LogicalType element = ((MapType) type).getValueType();
                for (int i = 0; i < map.size(); i++) {
                    String at = path + "/" + map.keyArray().getString(i);
                    Object one = ArrayData.createElementGetter(element).getElementOrNull(map.valueArray(), i);
                    entries.put(at, "null");
                    add(at, element, one);
                }
            }
            case ARRAY -> {
                ArrayData array = (ArrayData) value;
                entries.put(path, "array " + array.size());
                LogicalType element = ((ArrayType) type).getElementType();
                for (int i = 0; i < array.size(); i++) {
                    add(
                            path + "\u0000" + i,
                            element,
                            ArrayData.createElementGetter(element).getElementOrNull(array, i));
                }
            }
            default -> entries.put(path, scalar(type, value));
        }
    }

    private static String scalar(LogicalType type, Object value) {
        return switch (type.getTypeRoot()) {
            case BOOLEAN -> "boolean " + value;
            case INTEGER, BIGINT -> number(new BigDecimal(value.toString()));
            case FLOAT, DOUBLE -> number(printed(((Number) value).doubleValue()));
            case DECIMAL -> number(((DecimalData) value).toBigDecimal());
            case VARBINARY -> "text " + Base64.getEncoder().encodeToString((byte[]) value);
            case DATE -> "text " + LocalDate.ofEpochDay((Integer) value);
            case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE -> {
                String text = ((TimestampData) value).toString();
                text += text.length() == "2024-01-01T00:00".length() ? ":00" : "";
                text = text.contains(".") ? text.replaceAll("0+$", "") : text;
                yield "text " + text + (type.is(LogicalTypeRoot.TIMESTAMP_WITH_LOCAL_TIME_ZONE) ? "Z" : "");
            }
            default -> "text " + value;
        };
    }

    private static BigDecimal printed(double value) {
        BigDecimal printed = null;
        for (int digits = 15; printed == null || printed.doubleValue() != value; digits++) {
            printed = new BigDecimal(value).round(new MathContext(digits));
        }
        return printed;
    }

    private static String number(BigDecimal value) {
        return "number "
                + (value.signum() == 0 ? "0" : value.stripTrailingZeros().toString());
    }

    private void add(String path, JsonNode value) {
        switch (value.getNodeType()) {
            case NULL -> {}
            case OBJECT -> {
                entries.put(path, "object");
                value.fields().forEachRemaining(field -> add(path + "/" + field.getKey(), field.getValue()));
            }
            case ARRAY -> {
                entries.put(path, "array " + value.size());
                for (int i = 0; i < value.size(); i++) {
                    add(path + "\u0000" + i, value.get(i));
                }
            }
            case NUMBER -> entries.put(path, number(value.decimalValue()));
            case BOOLEAN -> entries.put(path, "boolean " + value.booleanValue());
            default -> entries.put(path, "text " + value.textValue());
        }
    }
}
