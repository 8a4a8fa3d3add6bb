package io.pipectl.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;

/**
 * STRING, VARCHAR(n), CHAR(n): text unchanged, numbers and booleans as they were spelled. Nothing is truncated;
 * CHAR(n) is not padded, because added blanks would change the value.
 */
final class TextReader extends ValueReader {

    private final int maxLength;

    TextReader(LogicalType type) {
        super(type);
        maxLength = LogicalTypeChecks.getLength(type);
    }

    @Override
    protected Object value(JsonParser parser, JsonToken token) throws IOException, BadValue {
        if (!token.isScalarValue()) {
            throw refused(parser);
        }
        String text = parser.getText();
        if (!fits(text)) {
            throw refused(parser, "longer than " + maxLength + " characters");
        }
        return StringData.fromString(text);
    }

    @Override
    Object plain(char[] text, int from, int to, boolean quoted) {
        if (!quoted || to - from > maxLength) {
            return null;
        }
        // Plain text is ASCII, so its characters are its bytes, and need no encoding.
        return StringData.fromBytes(new String(text, from, to - from).getBytes(StandardCharsets.ISO_8859_1));
    }

    /** SQL counts characters, while Java counts some as two. */
    boolean fits(String text) {
        return text.length() <= maxLength || text.codePointCount(0, text.length()) <= maxLength;
    }
}
