package io.pipectl.format;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.SerializedString;

/**
 * Finds the known field that comes next in an object. Producers usually write fields in the same order, so the table
 * remembers which field followed which, and compares the bytes of that name before it looks up any other.
 *
 * <p>It also detects duplicate fields: each object has a number, and each field has the number of the last object
 * that contained it, so that nothing needs to be cleared in between.
 */
final class FieldTable {

    static final String TWICE = "sent twice";

    /** The end of the object. */
    static final int END = -1;
    /** The parser is at the name of a field that the table does not have. */
    static final int UNKNOWN = -2;

    private final SerializedString[] names;
    /** The names in JSON's spelling. A name that needs an escape cannot occur in a plain record. */
    private final char[][] quoted;

    private final Map<String, Integer> index;
    private final int[] follows;
    private final long[] seenIn;
    private long object;

    FieldTable(List<String> fields) {
        names = fields.stream().map(SerializedString::new).toArray(SerializedString[]::new);
        quoted = Arrays.stream(names).map(SerializedString::asQuotedChars).toArray(char[][]::new);
        index = new HashMap<>(names.length * 2);
        follows = new int[names.length + 1];
        for (int i = 0; i < names.length; i++) {
            index.put(fields.get(i), i);
            follows[i] = i;
        }
        seenIn = new long[names.length];
        Arrays.fill(seenIn, -1);
    }

    /** Begins a new object. */
    void begin() {
        object++;
    }

    /** Index of the next field, {@link #UNKNOWN} or {@link #END}; the parser moves to its name or the closing brace. */
    int next(JsonParser parser, int previous) throws IOException, BadValue {
        int field = follows[previous + 1];
        if (!parser.nextFieldName(names[field])) {
            if (parser.currentToken() != JsonToken.FIELD_NAME) {
                return END;
            }
            Integer found = index.get(parser.currentName());
            if (found == null) {
                return UNKNOWN;
            }
            field = found;
            follows[previous + 1] = field;
        }
        if (seenIn[field] == object) {
            throw new BadValue(TWICE);
        }
        seenIn[field] = object;
        return field;
    }

    /**
     * The same for a name in a plain record that begins at {@code from}. {@link #UNKNOWN} also if the field was
     * sent before, or if no quote ends the name.
     */
    int next(char[] text, int from, int to, int previous) {
        int field = follows[previous + 1];
        int end = from + quoted[field].length;
        if (end >= to || text[end] != '"' || !PlainReader.isAt(quoted[field], text, from, end)) {
            end = from;
            while (end < to && text[end] != '"') {
                end++;
            }
            Integer found = end == to ? null : index.get(new String(text, from, end - from));
            if (found == null || quoted[found].length != end - from) {
                return UNKNOWN;
            }
            field = found;
            follows[previous + 1] = field;
        }
        if (seenIn[field] == object) {
            return UNKNOWN;
        }
        seenIn[field] = object;
        return field;
    }

    /** Number of characters of a field's name in a plain record. */
    int length(int field) {
        return quoted[field].length;
    }

    boolean seen(int field) {
        return seenIn[field] == object;
    }
}
