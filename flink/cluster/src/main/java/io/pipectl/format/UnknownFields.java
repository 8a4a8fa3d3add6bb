package io.pipectl.format;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.JsonStringEncoder;

/**
 * The fields of one record that the schema does not have. They are walked token by token even if nobody needs them,
 * because a duplicate name would lose a value there as well. They are written out only if requested.
 */
final class UnknownFields {

    /** Buffers that grew with one giant record are not kept for the next. */
    private static final int KEEP_CHARS = 1 << 16;

    private static final int KEEP_NAMES = 1 << 10;

    private final boolean wanted;
    /** Null if nobody asks for it. */
    private final UnknownEntries entries;
    /** The names at each depth of the current object; 0 is the record itself. */
    private final List<Set<String>> names = new ArrayList<>();

    private StringBuilder json = new StringBuilder();
    private boolean any;

    UnknownFields(boolean wanted, UnknownEntries entries) {
        this.wanted = wanted;
        this.entries = entries;
    }

    /** Begins a new record. */
    void begin() {
        if (any) {
            any = false;
            clear(0);
            if (json.capacity() > KEEP_CHARS) {
                json = new StringBuilder();
            }
            json.setLength(0);
        }
    }

    /** Reads one such field: the parser is at its name, and afterwards at the end of its value. */
    void take(JsonParser parser) throws IOException, BadValue {
        if (!any) {
            any = true;
            clear(0);
            put('{');
        }
        name(parser, 0);
        hash(parser, JsonToken.FIELD_NAME);
        int depth = 0;
        do {
            JsonToken token = parser.nextToken();
            switch (token) {
                case START_OBJECT, START_ARRAY -> {
                    comma();
                    put(token == JsonToken.START_OBJECT ? '{' : '[');
                    clear(++depth);
                }
                case END_OBJECT, END_ARRAY -> {
                    put(token == JsonToken.END_OBJECT ? '}' : ']');
                    depth--;
                }
                case FIELD_NAME -> name(parser, depth);
                default -> scalar(parser, token);
            }
            hash(parser, token);
        } while (depth > 0);
    }

    /** All of them as one JSON object, or null if there are none or they were not requested. */
    String json() {
        if (!any || !wanted) {
            return null;
        }
        return json.append('}').toString();
    }

    /** True if the record has such fields. */
    boolean any() {
        return any;
    }

    private void name(JsonParser parser, int depth) throws IOException, BadValue {
        String name = parser.currentName();
        if (!names.get(depth).add(name)) {
            throw new BadValue(FieldTable.TWICE);
        }
        if (wanted) {
            comma();
            quoted(name);
            json.append(':');
        }
    }

    private void hash(JsonParser parser, JsonToken token) throws IOException {
        if (entries != null) {
            entries.take(parser, token);
        }
    }

    private void scalar(JsonParser parser, JsonToken token) throws IOException {
        if (wanted) {
            comma();
            if (token == JsonToken.VALUE_STRING) {
                quoted(parser.getText());
            } else {
                json.append(parser.getText());
            }
        }
    }

    private void quoted(String text) {
        json.append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, json);
        json.append('"');
    }

    private void comma() {
        if (wanted) {
            char last = json.charAt(json.length() - 1);
            if (last != '{' && last != '[' && last != ':') {
                json.append(',');
            }
        }
    }

    private void put(char c) {
        if (wanted) {
            json.append(c);
        }
    }

    private void clear(int depth) {
        if (depth == names.size()) {
            names.add(new HashSet<>());
        } else if (names.get(depth).size() > KEEP_NAMES) {
            names.set(depth, new HashSet<>());
        } else {
            names.get(depth).clear();
        }
    }
}
