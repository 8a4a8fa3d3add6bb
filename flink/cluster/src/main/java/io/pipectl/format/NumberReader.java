package io.pipectl.format;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.types.logical.LogicalType;

/**
 * A number sent as a number, or as text that is a JSON number between optional blanks. Both take the same path, so that
 * {@code 12.0} and {@code "12.0"} cannot come out differently.
 */
abstract class NumberReader extends ValueReader {

    /** As long as the parser lets a number be; text could hold megabytes of digits. */
    static final int MAX_LENGTH = 1000;

    protected final NumberScan scan = new NumberScan();

    NumberReader(LogicalType type) {
        super(type);
    }

    @Override
    protected final Object value(JsonParser parser, JsonToken token) throws IOException, BadValue {
        boolean text = token == JsonToken.VALUE_STRING;
        if (!text && token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
            throw refused(parser);
        }
        char[] chars = parser.getTextCharacters();
        int from = parser.getTextOffset();
        int to = from + parser.getTextLength();
        if (text) {
            while (from < to && blank(chars[from])) {
                from++;
            }
            while (to > from && blank(chars[to - 1])) {
                to--;
            }
            if (to - from > MAX_LENGTH) {
                throw refused(parser, "longer than " + MAX_LENGTH + " characters");
            }
        }
        if (!scan.scan(chars, from, to)) {
            throw refused(parser);
        }
        return number(parser, chars, from, to);
    }

    /** The value that {@link #scan} holds, whose characters are {@code chars[from, to)}. */
    protected abstract Object number(JsonParser parser, char[] chars, int from, int to) throws IOException, BadValue;

    private static boolean blank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }
}
