package io.pipectl.format;

import java.util.Arrays;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.DataType;

/** Metadata of a record, beside its columns. The Kafka connector names each key {@code value.<key>}. */
public enum RecordMetadata {
    /** Why the record is a dead letter, as {@code kind: reason}; NULL exactly if the record is good. */
    PARSE_ERROR("parse_error", DataTypes.STRING()),

    /**
     * The original bytes, for dead letters only: the columns hold everything about a good record, and copying
     * the bytes would cost as much as parsing them. NULL for good records, and for tombstones, which have no
     * bytes.
     */
    RAW_VALUE("raw_value", DataTypes.BYTES()),

    /**
     * The fields that the schema does not have, as one compact JSON object: in the order sent, with numbers
     * exactly as sent. NULL if there are none, and for dead letters, which keep their bytes.
     */
    EXTRA_FIELDS("extra_fields", DataTypes.STRING()),

    /**
     * The hash of the values of a good record, all columns and {@code extra_fields} (docs/account.md, "The canonical
     * form"), whichever columns a query asks for. NULL for dead letters.
     */
    VALUE_HASH("value_hash", DataTypes.BIGINT());

    private final String key;
    // Flink's types are immutable, but their class does not declare it.
    @SuppressWarnings("ImmutableEnumChecker")
    private final DataType dataType;

    RecordMetadata(String key, DataType dataType) {
        this.key = key;
        this.dataType = dataType.nullable();
    }

    /** The key in the table's DDL, without the connector's prefix. */
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
