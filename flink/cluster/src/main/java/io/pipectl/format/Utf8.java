package io.pipectl.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The one pass over a record's bytes before they are parsed. Jackson checks UTF-8 only in text that it decodes, and
 * neither overlong forms nor surrogates; and a record known to hold no backslash lets text columns be cut from its bytes.
 */
final class Utf8 {

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGHS = 0x8080808080808080L;
    private static final long ONES = 0x0101010101010101L;
    private static final long BACKSLASHES = 0x5c5c5c5c5c5c5c5cL;

    /** Of the last {@link #scan}: the first byte that is no UTF-8, or -1. */
    int invalidAt;

    /** Of the last {@link #scan}: whether the valid part has a backslash. */
    boolean backslash;

    void scan(byte[] b, int from, int end) {
        backslash = false;
        invalidAt = -1;
        int i = from;
        while (i < end) {
            while (i + 8 <= end) {
                long word = (long) WORD.get(b, i);
                if ((word & HIGHS) != 0) {
                    break;
                }
                long x = word ^ BACKSLASHES;
                if (((x - ONES) & ~x & HIGHS) != 0) {
                    backslash = true;
                }
                i += 8;
            }
            // Up to the next word, or over the one character that broke the run of ASCII.
            int stop = Math.min(i + 8, end);
            while (i < stop) {
                byte c = b[i];
                if (c >= 0) {
                    backslash |= c == '\\';
                    i++;
                } else {
                    int length = length(b, i, end);
                    if (length == 0) {
                        invalidAt = i;
                        return;
                    }
                    i += length;
                }
            }
        }
    }

    /** How many bytes the character at i has, 0 if it is none (table 3-7 of the Unicode standard). */
    private static int length(byte[] b, int i, int end) {
        int c = b[i] & 0xff;
        int second = i + 1 < end ? b[i + 1] & 0xff : 0;
        if (c >= 0xc2 && c <= 0xdf) {
            return second >> 6 == 2 ? 2 : 0;
        }
        if (c >= 0xe0 && c <= 0xef) {
            int low = c == 0xe0 ? 0xa0 : 0x80;
            int high = c == 0xed ? 0x9f : 0xbf;
            return second >= low && second <= high && continues(b, i + 2, end) ? 3 : 0;
        }
        if (c >= 0xf0 && c <= 0xf4) {
            int low = c == 0xf0 ? 0x90 : 0x80;
            int high = c == 0xf4 ? 0x8f : 0xbf;
            return second >= low && second <= high && continues(b, i + 2, end) && continues(b, i + 3, end) ? 4 : 0;
        }
        return 0;
    }

    private static boolean continues(byte[] b, int i, int end) {
        return i < end && (b[i] & 0xc0) == 0x80;
    }

    /** Where an escaped surrogate without its other half begins, or -1: such a text has no UTF-8 and would become '?'. */
    static int loneSurrogate(byte[] b, int from, int end) {
        for (int i = from; i < end; i++) {
            if (b[i] != '\\') {
                continue;
            }
            int unit = escapedUnit(b, i, end);
            if (unit >= 0xd800 && unit <= 0xdfff) {
                int next = unit < 0xdc00 ? escapedUnit(b, i + 6, end) : -1;
                if (next < 0xdc00 || next > 0xdfff) {
                    return i;
                }
                i += 11;
            } else {
                i++; // whatever is escaped, it is no further backslash that begins an escape
            }
        }
        return -1;
    }

    /** The value of the {@code \}{@code uXXXX} at i, or -1 if there is none. */
    private static int escapedUnit(byte[] b, int i, int end) {
        if (i + 6 > end || b[i] != '\\' || b[i + 1] != 'u') {
            return -1;
        }
        int unit = 0;
        for (int k = i + 2; k < i + 6; k++) {
            int digit = b[k] < 0 ? -1 : Character.digit(b[k], 16);
            if (digit < 0) {
                return -1;
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }
}
