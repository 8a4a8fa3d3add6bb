package io.pipectl.format;

import java.io.IOException;
import java.util.Base64;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;

/** BYTES, VARBINARY(n), BINARY(n) as base64 text. */
final class BytesReader extends ValueReader {

    private final int maxLength;

    BytesReader(LogicalType type) {
        super(type);
        maxLength = LogicalTypeChecks.getLength(type);
    }

    @Override
    protected Object value(JsonParser parser, JsonToken token) throws IOException, BadValue {
        if (token != JsonToken.VALUE_STRING) {
            throw refused(parser);
        }
        String text = parser.getText();
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw refused(parser, "not base64");
        }
        // The decoder drops stray bits in the last character; encoding the bytes again reveals them.
        if (!Base64.getEncoder().encodeToString(bytes).equals(text)) {
            throw refused(parser, "not canonical base64");
        }
        if (bytes.length > maxLength) {
            throw refused(parser, "longer than " + maxLength + " bytes");
        }
        return bytes;
    }
}
