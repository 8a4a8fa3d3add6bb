package io.pipectl.format;

import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.types.DataType;

/** What the format can tell of a record beside its columns; the connector shows each key with the prefix {@code value.}. */
enum Metadata {
    /** NULL for a good record; else why it is bad, for instance {@code field: fare: text "abc" is no DOUBLE}. */
    PARSE_ERROR("parse_error", DataTypes.STRING().nullable()),

    /** The bytes of a bad record as sent. NULL for a good one, whose columns already say all, and for a tombstone. */
    RAW_VALUE("raw_value", DataTypes.BYTES().nullable()),

    /** The fields of a good record that the table does not have, as one compact JSON object; NULL if there are none. */
    EXTRA_FIELDS("extra_fields", DataTypes.STRING().nullable());

    final String key;
    final DataType type;

    Metadata(String key, DataType type) {
        this.key = key;
        this.type = type;
    }

    static Metadata of(String key) {
        for (Metadata metadata : values()) {
            if (metadata.key.equals(key)) {
                return metadata;
            }
        }
        throw new IllegalArgumentException("pipectl-json has no metadata '" + key + "'");
    }
}
