package io.pipectl.format;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonStreamContext;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.types.logical.LogicalType;

/** Texts for dead letters: short, on one line, and in terms of JSON and SQL rather than of the parser. */
final class Describe {

    private static final int MAX_VALUE = 60;
    private static final int MAX_PATH = 120;

    private Describe() {}

    /** Kind and value, for example {@code text "abc"}. */
    static String value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case VALUE_STRING -> "text \"" + shorten(parser.getText(), MAX_VALUE) + '"';
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number " + shorten(parser.getText(), MAX_VALUE);
            default -> kind(token);
        };
    }

    static String kind(JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> "text";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number";
            case VALUE_TRUE -> "boolean true";
            case VALUE_FALSE -> "boolean false";
            case VALUE_NULL -> "null";
            case START_ARRAY, END_ARRAY -> "array";
            default -> "object";
        };
    }

    static String type(LogicalType type) {
        return switch (type.getTypeRoot()) {
            case ROW, ARRAY, MAP -> type.getTypeRoot().name();
            default -> type.copy(true).asSummaryString();
        };
    }

    /** The parser's position, for example {@code stops[2].name}; null at the top level. */
    static String path(JsonParser parser) {
        JsonStreamContext context = parser.getParsingContext();
        JsonToken token = parser.currentToken();
        // At an opening bracket the parser's context is already the inner one, but the value meant is the
        // whole.
        if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
            context = context.getParent();
        }
        Deque<String> steps = new ArrayDeque<>();
        for (; context != null && !context.inRoot(); context = context.getParent()) {
            if (context.inArray()) {
                steps.push("[" + context.getCurrentIndex() + "]");
            } else if (context.getCurrentName() != null) {
                steps.push("." + context.getCurrentName());
            }
        }
        if (steps.isEmpty()) {
            return null;
        }
        StringBuilder path = new StringBuilder();
        while (!steps.isEmpty() && path.length() <= MAX_PATH) {
            path.append(steps.pop());
        }
        return shorten(path.substring(path.charAt(0) == '.' ? 1 : 0), MAX_PATH);
    }

    /** A field of the record, in the form of {@link #path}. */
    static String field(String name) {
        return shorten(name, MAX_PATH);
    }

    static String name(String name) {
        return '"' + shorten(name, MAX_VALUE) + '"';
    }

    /** Cuts a text without splitting a character, and shows control characters as JSON escapes. */
    private static String shorten(String text, int max) {
        int end = Math.min(text.length(), max);
        if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        StringBuilder shown = new StringBuilder(end + 8);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                shown.append(String.format("\\u%04x", (int) c));
            } else {
                shown.append(c);
            }
        }
        return end < text.length() ? shown.append('…').toString() : shown.toString();
    }
}
