package io.pipectl.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.flink.table.data.GenericRowData;

/**
 * The fast path for plain records, which most are: one flat object of known fields, in ASCII without escapes. At
 * anything that is not plain it gives up, and the parser reads the record from its beginning. So it refuses nothing
 * and explains nothing; it only has to be certain of what it accepts.
 *
 * <p>With the parser alone, reading names and values took 29 % of a bronze job's processor time
 * (docs/performance.md).
 */
final class PlainReader {

    /** Larger records take the slow path, so that the buffer stays small. */
    private static final int MAX_BYTES = 1 << 16;

    /** At most this many records take the slow path before the fast one is tried again. */
    private static final int MAX_PAUSE = 1000;

    private static final char[] NULL = "null".toCharArray();

    private final FieldTable fields;
    private final ValueReader[] readers;
    private final int[] places;
    /** Null if nobody asks for it. */
    private final RecordHash hash;
    /** The record's characters, then a NUL, which no plain record contains: every loop over characters ends there. */
    private char[] text = new char[1 << 10];

    private int pause;
    private int waiting;

    PlainReader(FieldTable fields, ValueReader[] readers, int[] places, RecordHash hash) {
        this.fields = fields;
        this.readers = readers;
        this.places = places;
        this.hash = hash;
    }

    /**
     * Fills the row, or gives up with a partly filled row.
     *
     * @param bytes ASCII without a backslash, see {@link TextCheck#plain}
     * @param from position of the opening brace
     */
    boolean read(GenericRowData row, byte[] bytes, int from) {
        if (waiting > 0) {
            waiting--;
            return false;
        }
        boolean plain = bytes.length <= MAX_BYTES && object(row, bytes, from);
        // Records that are not plain come in long runs, in which trying each of them would be wasted.
        pause = plain ? 0 : Math.min(2 * pause + 1, MAX_PAUSE);
        waiting = pause;
        return plain;
    }

    private boolean object(GenericRowData row, byte[] bytes, int from) {
        int to = bytes.length;
        if (text.length <= to) {
            text = new char[2 * to];
        }
        // Copies many characters at a time; a loop would copy them one by one.
        new String(bytes, StandardCharsets.ISO_8859_1).getChars(0, to, text, 0);
        text[to] = 0;
        fields.begin();
        int field = -1;
        int at = from;
        do {
            at = next(at);
            if (text[at] != '"') {
                return false;
            }
            field = fields.next(text, at + 1, to, field);
            if (field < 0) {
                return false;
            }
            at = next(at + fields.length(field) + 1);
            if (text[at] != ':') {
                return false;
            }
            at = value(row, field, next(at));
            if (at < 0) {
                return false;
            }
        } while (text[at] == ',');
        return text[at] == '}' && next(at) == to;
    }

    /** The position of the next character that is not blank. */
    private int next(int at) {
        int next = at + 1;
        while (text[next] == ' ' || text[next] == '\t' || text[next] == '\n' || text[next] == '\r') {
            next++;
        }
        return next;
    }

    /** Reads the value that begins here. @return the position after it, or -1 if the value is not plain */
    private int value(GenericRowData row, int field, int start) {
        boolean quoted = text[start] == '"';
        int from = quoted ? start + 1 : start;
        int to = from;
        if (quoted) {
            while (text[to] >= ' ' && text[to] != '"') {
                to++;
            }
            if (text[to] != '"') {
                return -1;
            }
        } else {
            while (text[to] > ' ' && text[to] != ',' && text[to] != '}') {
                to++;
            }
        }
        Object value = null;
        if (quoted || !isAt(NULL, text, from, to)) {
            value = readers[field].plain(text, from, to, quoted);
            if (value == null) {
                return -1;
            }
        } else if (!readers[field].nullable()) {
            return -1;
        }
        if (places[field] >= 0) {
            row.setField(places[field], value);
        }
        if (hash != null) {
            hash.add(field, value);
        }
        return next(quoted ? to : to - 1);
    }

    /** True if {@code text[from, to)} is this word. */
    static boolean isAt(char[] word, char[] text, int from, int to) {
        return Arrays.equals(word, 0, word.length, text, from, to);
    }
}
