package io.pipectl.format;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.types.logical.LogicalType;

/**
 * A number sent as a number, or as text that is a JSON number between optional blanks. Both are handled by the same
 * code, so that {@code 12.0} and {@code "12.0"} always give the same value.
 */
abstract class NumberReader extends ValueReader {

    /** The parser's limit for numbers; text could contain megabytes of digits. */
    static final int MAX_LENGTH = 1000;

    protected final NumberScan scan = new NumberScan();

    /** The problem of a value that has the right form, or null. */
    private String why;

    NumberReader(LogicalType type) {
        super(type);
    }

    @Override
    protected final Object value(JsonParser parser, JsonToken token) throws IOException, BadValue {
        boolean text = token == JsonToken.VALUE_STRING;
        if (!text && token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
            throw refused(parser);
        }
        int from = parser.getTextOffset();
        Object value = number(parser.getTextCharacters(), from, from + parser.getTextLength(), text);
        if (value == null) {
            throw why == null ? refused(parser) : refused(parser, why);
        }
        return value;
    }

    @Override
    final Object plain(char[] text, int from, int to, boolean quoted) {
        return to - from > MAX_LENGTH ? null : number(text, from, to, quoted);
    }

    /** Null if the characters are not a valid number. */
    private Object number(char[] chars, int from, int to, boolean text) {
        why = null;
        if (text) {
            while (from < to && blank(chars[from])) {
                from++;
            }
            while (to > from && blank(chars[to - 1])) {
                to--;
            }
            if (to - from > MAX_LENGTH) {
                return refuse("longer than " + MAX_LENGTH + " characters");
            }
        }
        return scan.scan(chars, from, to) ? number(chars, from, to) : null;
    }

    /** The value of {@link #scan}, whose characters are {@code chars[from, to)}; null if it is refused. */
    protected abstract Object number(char[] chars, int from, int to);

    /** Records the reason for a refusal, and returns no value. */
    protected final Object refuse(String why) {
        this.why = why;
        return null;
    }

    private static boolean blank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }
}
