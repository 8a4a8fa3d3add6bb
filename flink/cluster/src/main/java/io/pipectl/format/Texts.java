package io.pipectl.format;

import java.io.IOException;
import java.util.Base64;

import org.apache.flink.table.data.StringData;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** Readers of text and bytes. */
final class Texts {

    private Texts() {}

    /** Text as sent, and numbers and booleans as they were written: {@code 1e3} stays {@code 1e3}. */
    static ValueReader strings(String type, int longest) {
        return longest == Integer.MAX_VALUE
                ? at -> string(at, type)
                : at -> {
                    StringData text = string(at, type);
                    if (tooLong(text, longest)) {
                        throw at.isNo(type, "has " + characters(text) + " characters");
                    }
                    return text;
                };
    }

    /** Base64 with or without padding, and only as an encoder writes it: stray low bits would be lost. */
    static ValueReader bytes(String type, int longest) {
        return at -> {
            if (at.parser.currentToken() != JsonToken.VALUE_STRING) {
                throw at.isNo(type);
            }
            String text = at.parser.getText();
            byte[] bytes;
            try {
                bytes = Base64.getDecoder().decode(text);
            } catch (IllegalArgumentException e) {
                throw at.isNo(type, "not Base64");
            }
            if (!encodes(bytes, text)) {
                throw at.isNo(type, "not Base64");
            }
            if (bytes.length > longest) {
                throw at.isNo(type, "has " + bytes.length + " bytes");
            }
            return bytes;
        };
    }

    /** Flink counts the length of VARCHAR(n) in code points. */
    static boolean tooLong(StringData text, int longest) {
        return longest != Integer.MAX_VALUE && characters(text) > longest;
    }

    private static int characters(StringData text) {
        String s = text.toString();
        return s.codePointCount(0, s.length());
    }

    private static StringData string(Cursor at, String type) throws IOException {
        switch (at.parser.currentToken()) {
            case VALUE_STRING:
                return at.escapes ? StringData.fromString(at.parser.getText()) : slice(at);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE:
                return StringData.fromString(at.parser.getText());
            default:
                throw at.isNo(type);
        }
    }

    /** Without escapes a text is the bytes between its quotes, already known to be UTF-8: no decoding, no encoding. */
    private static StringData slice(Cursor at) throws IOException {
        int first = at.tokenStart() + 1;
        byte[] bytes = at.bytes;
        int end = at.end;
        for (int i = first; i < end; i++) {
            if (bytes[i] == '"') {
                return StringData.fromBytes(bytes, first, i - first);
            }
        }
        return StringData.fromString(at.parser.getText()); // no end: let the parser say so
    }

    private static boolean encodes(byte[] bytes, String text) {
        String again = Base64.getEncoder().withoutPadding().encodeToString(bytes);
        return text.startsWith(again);
    }
}
