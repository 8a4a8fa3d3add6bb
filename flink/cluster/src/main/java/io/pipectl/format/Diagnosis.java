package io.pipectl.format;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.exc.StreamConstraintsException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.JsonEOFException;

/** Explains records that are not even JSON. It is slow and careful, because it runs only for dead letters. */
final class Diagnosis {

    private final ParserFactory parsers;

    Diagnosis(ParserFactory parsers) {
        this.parsers = parsers;
    }

    /** The meaning of the parser's error; {@code from} is where parsing started. */
    static String unreadable(IOException error, JsonParser parser, int from) {
        String field = Describe.path(parser);
        String where = field == null ? "" : field + ": ";
        String said = error instanceof JsonProcessingException known ? known.getOriginalMessage() : "";
        if (error instanceof StreamConstraintsException) {
            return "too_large: " + where + limit(said);
        }
        if (error instanceof JsonEOFException) {
            return "not_json: " + where + "the record ends too early";
        }
        long at = error instanceof JsonProcessingException known && known.getLocation() != null
                ? known.getLocation().getByteOffset()
                : -1;
        return "not_json: " + where + plain(said) + (at < 0 ? "" : " (byte " + (from + at) + ")");
    }

    private static String limit(String said) {
        if (said.contains("depth")) {
            return "nested deeper than " + ParserFactory.MAX_DEPTH;
        }
        if (said.contains("Number")) {
            return "a number longer than " + NumberReader.MAX_LENGTH + " characters";
        }
        return said.contains("Name") ? "a field name longer than " + ParserFactory.MAX_NAME : "beyond a limit";
    }

    /** The parser's message, without its advice on Java settings and its position. */
    private static String plain(String said) {
        String text = said;
        for (String noise : new String[] {" (start marker", ": enable ", ": was expecting (JSON", " (for ", "\n"}) {
            int at = text.indexOf(noise);
            text = at < 0 ? text : text.substring(0, at);
        }
        boolean telling = !text.isBlank() && !text.contains("`") && !text.contains("[Source");
        return telling ? Character.toLowerCase(text.charAt(0)) + text.substring(1) : "unreadable";
    }

    /** A record that does not begin with a brace: another kind of JSON, or not JSON. */
    String notObject(byte[] bytes, int from) {
        try (JsonParser parser = parsers.parse(bytes, from, bytes.length)) {
            try {
                JsonToken first = parser.nextToken();
                parser.skipChildren();
                parser.finishToken();
                return parser.nextToken() == null
                        ? "not_object: " + Describe.kind(first)
                        : "trailing: more after the " + Describe.kind(first);
            } catch (IOException e) {
                return unreadable(e, parser, from);
            }
        } catch (IOException e) {
            return "not_json: unreadable";
        }
    }

    /** Text that cannot be kept, in a value (which then has a path) or elsewhere. */
    String badText(byte[] bytes, int from, int at, String what) {
        String field = fieldAt(bytes, from, at);
        return (field == null ? "not_json: " : "field: " + field + ": text has ") + what + " (byte " + at + ")";
    }

    /** The path of the value that contains this byte, or null if no value does. Parses everything before the byte. */
    private String fieldAt(byte[] bytes, int from, int at) {
        if (at <= from) {
            return null;
        }
        try (JsonParser parser = parsers.parse(bytes, from, at)) {
            JsonToken last = null;
            try {
                for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                    last = token;
                    parser.finishToken();
                    last = null;
                }
            } catch (IOException e) {
                // Only text can be unfinished; the parser is already inside it when it still reports
                // the name before.
                return last == JsonToken.VALUE_STRING || last == JsonToken.FIELD_NAME ? Describe.path(parser) : null;
            }
            return null;
        } catch (IOException e) {
            return null;
        }
    }
}
