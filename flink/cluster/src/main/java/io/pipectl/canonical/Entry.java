package io.pipectl.canonical;

import java.nio.charset.StandardCharsets;

/**
 * The canonical form of a row, and its hash (docs/account.md, "The canonical form"): a row is the JSON object that
 * stands for it, taken apart into entries of a path and a value. The hash of a row is that of the sum of its
 * entries' hashes, so that their order does not matter, and nobody has to sort.
 *
 * <p>A NULL has no entry: a caller that meets one adds nothing.
 */
public final class Entry {

    /**
     * Of the form. It stands in the account beside the sums: another form, or another hash, needs another number,
     * because sums of two forms cannot be compared.
     */
    public static final int FORM_VERSION = 1;

    /** The path of the record itself. */
    public static final long ROOT = 0;

    // The primes of XXH64. With them, places, names and kinds never add up to each other.
    private static final long STEP = 0x9E3779B185EBCA87L;
    private static final long KIND = 0xC2B2AE3D27D4EB4FL;
    private static final long ELEMENT = 0x165667B19E3779F9L;

    // What kind of value an entry has: the text "1", the number 1 and an array of one element are three values.
    private static final int TEXT = 0;
    private static final int NUMBER = 1;
    private static final int EXACT_NUMBER = 2;
    private static final int BOOLEAN = 3;
    private static final int OBJECT = 4;
    private static final int ARRAY = 5;
    private static final int NULL_IN_MAP = 6;

    private Entry() {}

    /**
     * What {@link #field} takes of a name.
     *
     * @param utf8 has its bytes at {@code [from, from + length)}
     */
    public static long name(byte[] utf8, int from, int length) {
        return XxHash64.of(utf8, from, length, 0);
    }

    public static long name(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return name(utf8, 0, utf8.length);
    }

    /** The path of a field of an object, or of a key of a map. */
    public static long field(long parent, long name) {
        return Long.rotateLeft(parent, 27) * STEP + name;
    }

    /** The path of an element of an array. */
    public static long element(long parent, int index) {
        return Long.rotateLeft(parent, 31) * STEP + index * ELEMENT;
    }

    /** @param utf8 has the text's bytes at {@code [from, from + length)} */
    public static long text(long path, byte[] utf8, int from, int length) {
        return XxHash64.of(utf8, from, length, seed(path, TEXT));
    }

    /** A number that a DOUBLE can tell from all others of its length. Minus zero is zero. */
    static long number(long path, double value) {
        return XxHash64.of(Double.doubleToLongBits(value + 0.0), seed(path, NUMBER));
    }

    /**
     * Any other number.
     *
     * @param ascii has its digits, an {@code e} and the power of ten of the last digit
     */
    static long exactNumber(long path, byte[] ascii, int from, int length) {
        return XxHash64.of(ascii, from, length, seed(path, EXACT_NUMBER));
    }

    public static long bool(long path, boolean value) {
        return XxHash64.of(value ? 1 : 0, seed(path, BOOLEAN));
    }

    /** That there is an object, beside the entries of its fields: an empty one is not NULL. */
    public static long object(long path) {
        return XxHash64.of(0, seed(path, OBJECT));
    }

    /** That there is an array, beside the entries of its elements. Its length tells {@code []} from {@code [null]}. */
    public static long array(long path, int length) {
        return XxHash64.of(length, seed(path, ARRAY));
    }

    /** A key of a MAP without a value: it is there, while a field of a ROW that is NULL may never have been sent. */
    static long nullInMap(long path) {
        return XxHash64.of(0, seed(path, NULL_IN_MAP));
    }

    private static long seed(long path, int kind) {
        return path + kind * KIND;
    }

    /**
     * The hash of a row.
     *
     * @param sum of all its entries
     */
    public static long row(long sum) {
        return XxHash64.of(sum, FORM_VERSION);
    }

    /** The hash of a row at its place in Kafka. */
    public static long placed(long row, long incarnation, long partition, long offset) {
        return XxHash64.of(offset, XxHash64.of(partition, XxHash64.of(incarnation, row)));
    }
}
