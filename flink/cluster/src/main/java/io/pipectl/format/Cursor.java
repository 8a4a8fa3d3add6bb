package io.pipectl.format;

import java.io.IOException;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonStreamContext;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** Where reading stands: the record's bytes, the parser over them, and the scratch space that all readers share. */
final class Cursor {

    final NumberText number = new NumberText();

    byte[] bytes;
    /** Index of the first byte that the parser sees: the parser's offsets count from here. */
    int start;
    int end;
    /** Whether any text may hold an escape; if not, the bytes between two quotes are the text. */
    boolean escapes;
    JsonParser parser;

    /** Index of the current token's first byte; for a field name or a text that is its opening quote. */
    int tokenStart() {
        return start + (int) parser.currentTokenLocation().getByteOffset();
    }

    /** Index after the current token's last byte. */
    int tokenEnd() throws IOException {
        parser.finishToken();
        return start + (int) parser.currentLocation().getByteOffset();
    }

    /** The value at hand cannot be had in a column of this type. */
    BadRecord isNo(String type) throws IOException {
        return isNo(type, null);
    }

    BadRecord isNo(String type, String why) throws IOException {
        return fault(value() + " is no " + type + (why == null ? "" : ": " + why));
    }

    /** Names the place from the parser's own context, so that good records pay nothing for paths. */
    BadRecord fault(String reason) {
        return new BadRecord("field: " + path() + ": " + reason);
    }

    private String value() throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> "text \"" + Shown.text(parser.getText()) + '"';
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number " + Shown.text(parser.getText());
            case VALUE_TRUE, VALUE_FALSE -> "boolean " + parser.getText();
            case START_OBJECT -> "object {…}";
            case START_ARRAY -> "array […]";
            default -> parser.getText();
        };
    }

    private String path() {
        JsonStreamContext context = parser.getParsingContext();
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
            context = context.getParent(); // the parser is already inside, the fault is the object itself
        }
        return path(context);
    }

    static String path(JsonStreamContext context) {
        if (context == null || context.inRoot()) {
            return "";
        }
        String outer = path(context.getParent());
        if (context.inArray()) {
            return outer + '[' + context.getCurrentIndex() + ']';
        }
        String name = context.getCurrentName() == null ? "" : Shown.text(context.getCurrentName());
        return outer.isEmpty() ? name : outer + '.' + name;
    }
}
