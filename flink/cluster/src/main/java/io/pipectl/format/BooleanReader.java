package io.pipectl.format;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.types.logical.LogicalType;

/** BOOLEAN: true and false only. Text such as "yes" has no single meaning, and "true" would be the only exception. */
final class BooleanReader extends ValueReader {

    private static final char[] TRUE = "true".toCharArray();
    private static final char[] FALSE = "false".toCharArray();

    BooleanReader(LogicalType type) {
        super(type);
    }

    @Override
    protected Object value(JsonParser parser, JsonToken token) throws IOException, BadValue {
        if (token == JsonToken.VALUE_TRUE) {
            return true;
        }
        if (token == JsonToken.VALUE_FALSE) {
            return false;
        }
        throw refused(parser);
    }

    @Override
    Object plain(char[] text, int from, int to, boolean quoted) {
        if (!quoted && PlainReader.isAt(TRUE, text, from, to)) {
            return true;
        }
        return !quoted && PlainReader.isAt(FALSE, text, from, to) ? false : null;
    }
}
