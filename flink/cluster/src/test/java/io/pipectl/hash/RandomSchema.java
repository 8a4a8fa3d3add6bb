package io.pipectl.hash;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;
import org.apache.flink.table.types.logical.utils.LogicalTypeParser;

/** Random schemas of all types in all positions, and random records that fit them: trees of maps, lists and JSON words. */
final class RandomSchema {

    private static final String[] NAMES = {"a", "b", "c", "é", "a.b", "[0]", "a b", "0"};
    private static final String[] SCALARS = {
        "BOOLEAN",
        "INT",
        "BIGINT",
        "FLOAT",
        "DOUBLE",
        "DECIMAL",
        "STRING",
        "DATE",
        "TIMESTAMP(",
        "TIMESTAMP_LTZ(",
        "BYTES"
    };

    private final Random random;
    /** Only spellings that are the same in a column and in extra_fields. */
    private final boolean canonical;

    RandomSchema(Random random, boolean canonical) {
        this.random = random;
        this.canonical = canonical;
    }

    RowType schema() {
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < 1 + random.nextInt(6); i++) {
            fields.append(i == 0 ? "" : ", ")
                    .append('`')
                    .append(NAMES[i])
                    .append("` ")
                    .append(type(3));
        }
        return (RowType) LogicalTypeParser.parse("ROW<" + fields + ">", RandomSchema.class.getClassLoader());
    }

    private String type(int depth) {
        int one = random.nextInt(depth > 0 ? SCALARS.length + 4 : SCALARS.length);
        if (one == SCALARS.length) {
            return "ARRAY<" + type(depth - 1) + ">";
        }
        if (one == SCALARS.length + 1 && !canonical) {
            return "MAP<STRING, " + type(depth - 1) + ">";
        }
        if (one > SCALARS.length) {
            return "ROW<`a` " + type(depth - 1) + ", `x y` " + type(depth - 1) + ">";
        }
        String scalar = SCALARS[one];
        if (scalar.equals("DECIMAL")) {
            int precision = 1 + random.nextInt(38);
            return "DECIMAL(" + precision + ", " + random.nextInt(precision + 1) + ")";
        }
        if (canonical && scalar.equals("FLOAT")) {
            return "DOUBLE";
        }
        return scalar.endsWith("(") ? scalar + random.nextInt(7) + ")" : scalar;
    }

    /** Fields of the schema, some of them missing, and others that the schema does not have. */
    Map<String, Object> record(RowType schema) {
        Map<String, Object> record = new LinkedHashMap<>();
        record.put(schema.getFieldNames().get(0), value(schema.getTypeAt(0)));
        for (RowType.RowField field : schema.getFields()) {
            if (random.nextInt(8) > 0) {
                record.put(field.getName(), value(field.getType()));
            }
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            record.put("unknown " + i, json(3));
        }
        return record;
    }

    Object value(LogicalType type) {
        if (random.nextInt(8) == 0) {
            return "null";
        }
        return switch (type.getTypeRoot()) {
            case BOOLEAN -> "" + random.nextBoolean();
            case INTEGER -> spelled(random.nextInt(3) == 0 ? "" + random.nextInt() : "" + random.nextInt(50));
            case BIGINT -> spelled("" + (random.nextLong() >> random.nextInt(64)));
            case FLOAT -> spelled("" + random.nextInt(1000) / 8f);
            case DOUBLE ->
                spelled(random.nextBoolean() ? printed(random.nextGaussian() * 180) : "" + random.nextInt(99));
            case DECIMAL -> spelled(decimal((DecimalType) type));
            case VARCHAR -> canonical || random.nextInt(5) > 0 ? text() : "" + random.nextInt(100);
            case VARBINARY -> '"' + Base64.getEncoder().encodeToString(new byte[random.nextInt(5)]) + '"';
            case DATE -> '"' + date() + '"';
            case TIMESTAMP_WITHOUT_TIME_ZONE -> time(LogicalTypeChecks.getPrecision(type), "", "Z");
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> time(LogicalTypeChecks.getPrecision(type), "Z", "+05:30");
            case ARRAY -> {
                List<Object> elements = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    elements.add(value(((ArrayType) type).getElementType()));
                }
                yield elements;
            }
            case MAP -> {
                Map<String, Object> entries = new LinkedHashMap<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    entries.put(NAMES[random.nextInt(NAMES.length)], value(((MapType) type).getValueType()));
                }
                yield entries;
            }
            default -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                for (RowType.RowField field : ((RowType) type).getFields()) {
                    if (random.nextInt(6) > 0) {
                        fields.put(field.getName(), value(field.getType()));
                    }
                }
                yield fields;
            }
        };
    }

    /** The record with another value somewhere, which may be the same value in another spelling. */
    Map<String, Object> changed(Map<String, Object> record, RowType schema) {
        Map<String, Object> changed = new LinkedHashMap<>(record);
        List<String> names = new ArrayList<>(record.keySet());
        String name = names.get(random.nextInt(names.size()));
        int column = schema.getFieldIndex(name);
        changed.put(name, column < 0 ? json(2) : changed(record.get(name), schema.getTypeAt(column)));
        return changed;
    }

    private Object changed(Object value, LogicalType type) {
        if (random.nextInt(5) == 0) {
            return value(type);
        }
        if (value instanceof List<?> list && !list.isEmpty()) {
            List<Object> elements = new ArrayList<>(list);
            int one = random.nextInt(elements.size());
            switch (random.nextInt(4)) {
                case 0 -> elements.remove(one);
                case 1 -> elements.add("null");
                case 2 -> Collections.reverse(elements);
                default -> elements.set(one, changed(elements.get(one), ((ArrayType) type).getElementType()));
            }
            return elements;
        }
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            map.forEach((name, field) -> fields.put((String) name, field));
            String name = List.copyOf(fields.keySet()).get(random.nextInt(fields.size()));
            Object old = fields.remove(name);
            if (random.nextInt(4) > 0) {
                fields.put(
                        name,
                        changed(
                                old,
                                type instanceof MapType entries
                                        ? entries.getValueType()
                                        : type.getChildren().get(((RowType) type).getFieldIndex(name))));
            }
            return fields;
        }
        return value(type);
    }

    private Object json(int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 6)) {
            case 0 -> "null";
            case 1 -> "" + random.nextBoolean();
            case 2 -> spelled("" + random.nextInt(100));
            case 3 -> printed(random.nextGaussian());
            case 4 -> text();
            case 5 -> random.nextLong() + "" + random.nextInt(10) + "." + random.nextInt(10);
            case 6 -> new ArrayList<>(List.of(json(depth - 1), json(depth - 1)).subList(0, random.nextInt(3)));
            default -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    fields.put(NAMES[random.nextInt(NAMES.length)], json(depth - 1));
                }
                yield fields;
            }
        };
    }

    /** A number in another spelling. */
    private String spelled(String number) {
        return switch (random.nextInt(6)) {
            case 0 -> number.contains("E") || number.contains(".") ? number : number + ".0";
            case 1 -> number.contains("E") ? number : number + "e0";
            case 2 -> canonical ? number : "\" " + number + "\"";
            default -> number;
        };
    }

    /** As a program prints it, whichever Java this is. */
    private static String printed(double value) {
        String printed = "";
        for (int digits = 15; printed.isEmpty() || Double.parseDouble(printed) != value; digits++) {
            printed = new BigDecimal(value).round(new MathContext(digits)).toString();
        }
        return printed;
    }

    private String decimal(DecimalType type) {
        int whole = type.getPrecision() - type.getScale();
        String number = digits(Math.min(whole, 1 + random.nextInt(38)));
        return (random.nextBoolean() ? "-" : "")
                + (whole == 0 ? "0" : number)
                + (type.getScale() == 0 ? "" : "." + digits(1 + random.nextInt(type.getScale())));
    }

    private String digits(int length) {
        StringBuilder digits = new StringBuilder();
        while (digits.length() < length) {
            digits.append((char) ('1' + random.nextInt(9)));
        }
        return digits.toString();
    }

    private String date() {
        return String.format(
                "%04d-%02d-%02d", 1 + random.nextInt(9999), 1 + random.nextInt(12), 1 + random.nextInt(28));
    }

    private String time(int precision, String zone, String otherZone) {
        String time = date()
                + 'T'
                + String.format("%02d:%02d:%02d", random.nextInt(24), random.nextInt(60), random.nextInt(60));
        int fraction = random.nextInt(precision + 1);
        time += fraction == 0 ? "" : "." + digits(fraction);
        if (canonical || random.nextBoolean()) {
            return '"' + time + zone + '"';
        }
        return '"' + time.replace('T', ' ') + otherZone + '"';
    }

    private String text() {
        StringBuilder text = new StringBuilder("\"");
        String[] parts = {"a", "Z9", " ", "é", "😀", "\\n", "\\u00e9", "\\\\", "\\\"", "12", "true"};
        for (int n = random.nextInt(12); n > 0; n--) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.append('"').toString();
    }

    /** The record as JSON, its fields in any order, with blanks anywhere. */
    String written(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<String> fields = new ArrayList<>();
            map.forEach(
                    (name, field) -> fields.add('"' + (String) name + '"' + blank() + ':' + blank() + written(field)));
            Collections.shuffle(fields, random);
            return '{' + String.join(blank() + ',', fields) + blank() + '}';
        }
        if (value instanceof List<?> list) {
            List<String> elements = list.stream().map(this::written).toList();
            return '[' + blank() + String.join(",", elements) + ']';
        }
        return (String) value;
    }

    private String blank() {
        return random.nextInt(8) == 0 ? " " : "";
    }
}
