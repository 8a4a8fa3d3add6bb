package io.pipectl.format;

import java.util.Set;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;

/** Refuses, at planning time, schemas that the reader could not handle as promised. */
final class SchemaCheck {

    private SchemaCheck() {}

    /** Throws a {@link ValidationException} that names the column. */
    static void validate(RowType schema) {
        if (schema.getFieldCount() == 0) {
            throw new ValidationException(StrictJsonFormatFactory.IDENTIFIER
                    + " needs at least one column: without any, no record has a known field");
        }
        for (RowType.RowField field : schema.getFields()) {
            if (!field.getType().isNullable()) {
                throw new ValidationException(String.format(
                        "%s cannot fill column `%s` of type %s: a dead letter has NULL in every column, so declare it"
                                + " without NOT NULL (and without PRIMARY KEY)",
                        StrictJsonFormatFactory.IDENTIFIER,
                        field.getName(),
                        field.getType().asSummaryString()));
            }
            supported(field.getName(), field.getType());
        }
    }

    /**
     * The schema by which records are checked: the named columns are NOT NULL in good records, though NULL in
     * dead letters.
     */
    static RowType withNotNull(RowType schema, String names) {
        Set<String> notNull;
        try {
            notNull = Set.of(new ObjectMapper().readValue(names, String[].class));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new ValidationException("not-null is no JSON array of different names: " + names, e);
        }
        for (String name : notNull) {
            if (!schema.getFieldNames().contains(name)) {
                throw new ValidationException("not-null names `" + name + "`, which is no column");
            }
        }
        return new RowType(schema.getFields().stream()
                .map(field ->
                        new RowType.RowField(field.getName(), field.getType().copy(!notNull.contains(field.getName()))))
                .toList());
    }

    private static void supported(String path, LogicalType type) {
        switch (type.getTypeRoot()) {
            case BOOLEAN,
                    TINYINT,
                    SMALLINT,
                    INTEGER,
                    BIGINT,
                    FLOAT,
                    DOUBLE,
                    DECIMAL,
                    CHAR,
                    VARCHAR,
                    BINARY,
                    VARBINARY,
                    DATE,
                    TIME_WITHOUT_TIME_ZONE,
                    TIMESTAMP_WITHOUT_TIME_ZONE,
                    TIMESTAMP_WITH_LOCAL_TIME_ZONE -> {}
            case ARRAY -> supported(path + "[]", ((ArrayType) type).getElementType());
            case MAP -> {
                MapType map = (MapType) type;
                if (!map.getKeyType().is(LogicalTypeFamily.CHARACTER_STRING)) {
                    throw refused(path, type, "JSON has text keys only");
                }
                supported(path + "{}", map.getValueType());
            }
            case ROW -> ((RowType) type).getFields().forEach(f -> supported(path + "." + f.getName(), f.getType()));
            default -> throw refused(path, type, "there is no lossless way to read it from JSON");
        }
    }

    private static ValidationException refused(String path, LogicalType type, String why) {
        return new ValidationException(String.format(
                "%s cannot fill `%s` of type %s: %s",
                StrictJsonFormatFactory.IDENTIFIER, path, type.asSummaryString(), why));
    }
}
