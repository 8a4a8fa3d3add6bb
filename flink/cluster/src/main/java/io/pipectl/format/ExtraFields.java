package io.pipectl.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.StringData;

/**
 * The fields of a record that its table does not know. Their faults always count; their text is kept only if a query asks
 * for it, and then copied from the record's bytes, so that numbers, escapes and order stay as sent.
 */
final class ExtraFields {

    /** Above this many names a set is thrown away: clearing it would cost each later record its whole size. */
    private static final int LARGE = 1000;

    private final boolean wanted;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    /** The names seen in each object that is open: the record's own first, then those nested in an extra field. */
    private final List<Set<String>> names = new ArrayList<>();
    private int depth;
    private String first;

    ExtraFields(boolean wanted) {
        this.wanted = wanted;
        names.add(new HashSet<>());
    }

    void begin() {
        depth = 0;
        text.reset();
        first = null;
        clear(0);
    }

    /** Takes the field whose name the parser stands on. */
    void read(Cursor at) throws IOException {
        JsonParser parser = at.parser;
        if (first == null) {
            first = parser.currentName();
        }
        depth = 0;
        name(at);
        int start = wanted ? at.tokenStart() : 0;
        JsonToken token;
        do {
            token = parser.nextToken();
            switch (token) {
                case START_OBJECT -> {
                    depth++;
                    clear(depth);
                }
                case START_ARRAY -> depth++;
                case END_OBJECT, END_ARRAY -> depth--;
                case FIELD_NAME -> name(at);
                default -> { }
            }
        } while (depth > 0);
        if (wanted) {
            text.write(text.size() == 0 ? '{' : ',');
            compact(at.bytes, start, at.tokenEnd());
        }
    }

    /** The name of one of them, or null if there is none. */
    String first() {
        return first;
    }

    StringData asJson() {
        if (text.size() == 0) {
            return null;
        }
        text.write('}');
        return StringData.fromBytes(text.toByteArray());
    }

    private void name(Cursor at) throws IOException {
        if (!names.get(depth).add(at.parser.currentName())) {
            throw at.fault("sent twice");
        }
    }

    private void clear(int level) {
        while (names.size() <= level) {
            names.add(new HashSet<>());
        }
        Set<String> set = names.get(level);
        if (set.size() > LARGE) {
            names.set(level, new HashSet<>());
        } else if (!set.isEmpty()) {
            set.clear();
        }
    }

    /** Copies without the white space between tokens; control characters that stand raw in a text become escapes. */
    private void compact(byte[] bytes, int from, int to) {
        boolean inText = false;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (b >= 0 && b <= ' ') {
                if (inText && b == ' ') {
                    text.write(b);
                } else if (inText) {
                    text.writeBytes(String.format("\\u%04x", (int) b).getBytes());
                }
                continue;
            }
            text.write(b);
            if (b == '"') {
                inText = !inText;
            } else if (b == '\\') {
                text.write(bytes[++i]); // an escaped quote ends no text
            }
        }
    }
}
