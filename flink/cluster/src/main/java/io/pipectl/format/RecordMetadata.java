package io.pipectl.format;

import java.util.Arrays;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.DataType;

/** What a record says about itself, beside its columns. The Kafka connector shows each key as {@code value.<key>}. */
public enum RecordMetadata {
    /** Why the record is a dead letter, as {@code kind: reason}; NULL exactly if the record is good. */
    PARSE_ERROR("parse_error", DataTypes.STRING()),

    /**
     * The bytes as sent, for dead letters only: the columns hold all there is to know of a good record, and copying the
     * bytes along would cost as much as reading them. NULL for good records and for tombstones, which have none.
     */
    RAW_VALUE("raw_value", DataTypes.BYTES()),

    /**
     * The fields that the schema does not know, as one compact JSON object: in the order sent, numbers digit by digit as
     * sent. NULL if there are none, and NULL for dead letters, whose bytes say it all.
     */
    EXTRA_FIELDS("extra_fields", DataTypes.STRING());

    private final String key;
    // Flink's types never change; only their class does not say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final DataType dataType;

    RecordMetadata(String key, DataType dataType) {
        this.key = key;
        this.dataType = dataType.nullable();
    }

    /** The key as the table's DDL names it, without the connector's prefix. */
    public String key() {
        return key;
    }

    /** The SQL type, always nullable. */
    public DataType dataType() {
        return dataType;
    }

    static RecordMetadata of(String key) {
        return Arrays.stream(values())
                .filter(one -> one.key.equals(key))
                .findFirst()
                .orElseThrow(() ->
                        new ValidationException(StrictJsonFormatFactory.IDENTIFIER + " has no metadata '" + key + "'"));
    }
}
