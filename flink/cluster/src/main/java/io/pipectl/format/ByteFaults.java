package io.pipectl.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/**
 * Says which field holds bytes that are no Unicode text. They are found before the record is parsed, so for these records,
 * and only these, the field is found by parsing a copy that has harmless bytes in their place.
 */
final class ByteFaults {

    private ByteFaults() {}

    static String invalid(byte[] message, int start, int where, JsonFactory json) {
        byte[] clean = message.clone();
        Utf8 utf8 = new Utf8();
        int from = where;
        do {
            clean[from] = '?';
            utf8.scan(clean, from, clean.length);
            from = utf8.invalidAt;
        } while (from >= 0);
        return describe(clean, start, where, json, String.format("invalid UTF-8 (0x%02x", message[where] & 0xff));
    }

    static String loneSurrogate(byte[] message, int start, int where, JsonFactory json) {
        return describe(message, start, where, json,
                "a lone surrogate (" + new String(message, where, 6, StandardCharsets.US_ASCII));
    }

    private static String describe(byte[] clean, int start, int where, JsonFactory json, String fault) {
        String what = fault + " at byte " + where + ")";
        try (JsonParser parser = json.createParser(clean, start, clean.length - start)) {
            JsonToken token;
            while ((token = parser.nextToken()) != null) {
                parser.finishToken();
                if (start + parser.currentLocation().getByteOffset() > where) {
                    return "field: " + Cursor.path(parser.getParsingContext()) + ": "
                            + (token == JsonToken.FIELD_NAME ? "name" : "text") + " with " + what;
                }
            }
        } catch (IOException | RuntimeException e) {
            // No JSON either: then there is no field to name.
        }
        return "not_json: " + what;
    }
}
