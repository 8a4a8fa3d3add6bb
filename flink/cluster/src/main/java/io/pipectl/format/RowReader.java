package io.pipectl.format;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.SerializedString;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.logical.RowType;

/**
 * Reads an object as a row. Senders repeat the order of their fields, so after each field the one that followed it last
 * time is tried first, byte by byte; only another name is looked up. Not for several threads, nor for itself nested in
 * itself (a type is a finite tree, so that does not occur).
 */
final class RowReader {

    private final int arity;
    private final int width;
    private final SerializedString[] names;
    private final Map<String, Integer> byName = new HashMap<>();
    private final ValueReader[] readers;
    private final String[] requiredTypes; // of NOT NULL fields of nested rows, or null if there are none

    /** follows[i + 1]: what came after field i last time; follows[0]: what came first. */
    private final int[] follows;
    /** The number of the row in which each field was last seen, so that nothing is cleared between rows. */
    private final long[] seenIn;
    private long row;

    /** Whether the last row had any field that the type has. */
    boolean anyKnown;

    RowReader(RowType type) {
        this(type, 0);
    }

    /** Rows with room for some more fields after those of the type, so that no row is copied to append them. */
    RowReader(RowType type, int more) {
        width = type.getFieldCount() + more;
        arity = type.getFieldCount();
        names = new SerializedString[arity];
        readers = new ValueReader[arity];
        String[] required = new String[arity];
        for (int i = 0; i < arity; i++) {
            String name = type.getFieldNames().get(i);
            names[i] = new SerializedString(name);
            byName.put(name, i);
            readers[i] = ValueReaders.orNull(type.getTypeAt(i));
            required[i] = type.getTypeAt(i).isNullable() ? null : type.getTypeAt(i).asSummaryString();
        }
        requiredTypes = Arrays.stream(required).allMatch(r -> r == null) ? null : required;
        seenIn = new long[arity];
        follows = new int[arity + 1];
        for (int i = 0; i <= arity; i++) {
            follows[i] = Math.min(i, arity - 1);
        }
    }

    /** Reads from the opening to the closing brace; unknown fields go to extras, or are a fault if there is none. */
    GenericRowData read(Cursor at, ExtraFields extras) throws IOException {
        JsonParser parser = at.parser;
        GenericRowData out = new GenericRowData(width);
        row++;
        int previous = 0;
        while (true) {
            int guess = follows[previous];
            int i;
            if (guess >= 0 && parser.nextFieldName(names[guess])) {
                i = guess;
            } else {
                if (guess < 0) {
                    parser.nextToken(); // a type without fields: nothing to guess
                }
                if (parser.currentToken() == JsonToken.END_OBJECT) {
                    break;
                }
                Integer known = byName.get(parser.currentName());
                if (known == null) {
                    if (extras == null) {
                        throw at.fault("unknown field");
                    }
                    extras.read(at);
                    continue;
                }
                i = known;
                follows[previous] = i;
            }
            if (seenIn[i] == row) {
                throw at.fault("sent twice");
            }
            seenIn[i] = row;
            parser.nextToken();
            out.setField(i, readers[i].read(at));
            previous = i + 1;
        }
        if (requiredTypes != null) {
            requireAll(at);
        }
        anyKnown = previous > 0;
        return out;
    }

    private void requireAll(Cursor at) {
        for (int i = 0; i < arity; i++) {
            if (requiredTypes[i] != null && seenIn[i] != row) {
                throw at.fault("misses " + Shown.text(names[i].getValue()) + ", which is " + requiredTypes[i]);
            }
        }
    }
}
