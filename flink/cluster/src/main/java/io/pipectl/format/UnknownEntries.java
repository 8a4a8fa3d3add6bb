package io.pipectl.format;

import io.pipectl.canonical.Entry;
import io.pipectl.canonical.Numbers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** Entries of JSON values whose types nobody has declared, token by token. */
final class UnknownEntries {

    /** An object, whose path is known, and so that of the field that was named last. */
    private static final int IN_OBJECT = -1;

    private static final int KEEP_NAMES = 1 << 10;

    private final NumberScan scan = new NumberScan();
    private final Map<String, Long> names = new HashMap<>();
    /** For each open object and array, its path. */
    private long[] paths = new long[8];
    /** For each open array, the number of its elements so far; {@link #IN_OBJECT} for an object. */
    private int[] sizes = new int[8];
    /** For each open object, the path of its current field. */
    private long[] fields = new long[8];

    private int depth;
    private long sum;

    /** Begins a new record: its own brace counts as open. */
    void begin() {
        depth = 0;
        paths[0] = Entry.ROOT;
        sizes[0] = IN_OBJECT;
        sum = 0;
    }

    long sum() {
        return sum;
    }

    /** The parser is at this token. */
    void take(JsonParser parser, JsonToken token) throws IOException {
        switch (token) {
            case FIELD_NAME -> fields[depth] = Entry.field(paths[depth], name(parser.currentName()));
            case START_OBJECT -> {
                long path = next();
                sum += Entry.object(path);
                open(path, IN_OBJECT);
            }
            case START_ARRAY -> open(next(), 0);
            case END_OBJECT -> depth--;
            case END_ARRAY -> {
                sum += Entry.array(paths[depth], sizes[depth]);
                depth--;
            }
            case VALUE_STRING -> {
                byte[] utf8 = parser.getText().getBytes(StandardCharsets.UTF_8);
                sum += Entry.text(next(), utf8, 0, utf8.length);
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> sum += number(parser, next());
            case VALUE_TRUE, VALUE_FALSE -> sum += Entry.bool(next(), token == JsonToken.VALUE_TRUE);
            default -> next();
        }
    }

    /** Most names come again, with the next record. */
    private long name(String name) {
        Long known = names.get(name);
        if (known == null) {
            known = Entry.name(name);
            if (names.size() == KEEP_NAMES) {
                names.clear();
            }
            names.put(name, known);
        }
        return known;
    }

    /** The path of the value that comes now. */
    private long next() {
        return sizes[depth] == IN_OBJECT ? fields[depth] : Entry.element(paths[depth], sizes[depth]++);
    }

    private void open(long path, int size) {
        depth++;
        if (depth == paths.length) {
            paths = Arrays.copyOf(paths, 2 * depth);
            sizes = Arrays.copyOf(sizes, 2 * depth);
            fields = Arrays.copyOf(fields, 2 * depth);
        }
        paths[depth] = path;
        sizes[depth] = size;
    }

    private long number(JsonParser parser, long path) throws IOException {
        int from = parser.getTextOffset();
        scan.scan(parser.getTextCharacters(), from, from + parser.getTextLength());
        if (scan.count <= NumberScan.LONG_DIGITS) {
            return Numbers.exact(path, scan.negative ? -scan.digits : scan.digits, scan.exponent);
        }
        return Numbers.exact(path, scan.scaled(-scan.exponent), scan.exponent);
    }
}
