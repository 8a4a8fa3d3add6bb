package io.pipectl.format;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.types.logical.LogicalType;

/** Converts the current JSON value into Flink's internal form of an SQL type, or refuses it. */
abstract class ValueReader {

    private final LogicalType type;
    private final boolean nullable;

    ValueReader(LogicalType type) {
        this.type = type;
        this.nullable = type.isNullable();
    }

    /** Leaves the parser at the value's last token. */
    final Object read(JsonParser parser, JsonToken token) throws IOException, BadValue {
        if (token == JsonToken.VALUE_NULL) {
            if (nullable) {
                return null;
            }
            throw refused(parser, "declared NOT NULL");
        }
        return value(parser, token);
    }

    /** As {@link #read}, for everything but null. */
    protected abstract Object value(JsonParser parser, JsonToken token) throws IOException, BadValue;

    /**
     * The value of a token in a plain record (see {@link PlainReader}): {@code text[from, to)}, without its
     * quotes if it has any. Never called for null. Returns null if {@link #read} must decide.
     */
    Object plain(char[] text, int from, int to, boolean quoted) {
        return null;
    }

    final boolean nullable() {
        return nullable;
    }

    /** The value does not have the form of the type. */
    final BadValue refused(JsonParser parser) throws IOException {
        return new BadValue(Describe.value(parser) + " is no " + Describe.type(type));
    }

    /** The value has the right form, but could not be kept unchanged. */
    final BadValue refused(JsonParser parser, String why) throws IOException {
        return new BadValue(Describe.value(parser) + " is no " + Describe.type(type) + ": " + why);
    }
}
