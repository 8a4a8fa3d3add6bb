package io.pipectl.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Checks of a record's text that the JSON parser does not make: that it is valid UTF-8 (the parser accepts overlong
 * forms and encoded surrogates, and does not check text that it skips), and that no escape is half a character (the
 * parser passes {@code \ud800} on, which later becomes a question mark).
 *
 * <p>Almost all records are plain ASCII without escapes. Checking eight bytes at a time shows that at almost no
 * cost.
 */
final class TextCheck {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long LOW_BITS = 0x0101010101010101L;
    private static final long BACKSLASHES = 0x5c5c5c5c5c5c5c5cL;

    private TextCheck() {}

    /** True if the bytes are ASCII without a backslash: then no further check is needed. */
    static boolean plain(byte[] bytes) {
        long odd = 0;
        int i = 0;
        for (int end = bytes.length - 7; i < end; i += 8) {
            long eight = (long) LONGS.get(bytes, i);
            long difference = eight ^ BACKSLASHES;
            odd |= eight | (difference - LOW_BITS) & ~difference;
        }
        boolean plain = (odd & HIGH_BITS) == 0;
        for (; i < bytes.length; i++) {
            plain &= bytes[i] >= 0 && bytes[i] != '\\';
        }
        return plain;
    }

    /**
     * Index of the first byte that is not valid UTF-8 (RFC 3629: shortest form, no surrogates, up to U+10FFFF),
     * or -1.
     */
    static int invalidUtf8(byte[] bytes) {
        for (int i = 0; i < bytes.length; ) {
            int lead = bytes[i] & 0xff;
            if (lead < 0x80) {
                i++;
                continue;
            }
            int length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
            if (length == 0 || i + length > bytes.length) {
                return i;
            }
            // The range of the second byte depends on the first, which excludes overlong forms and
            // surrogates.
            int second = bytes[i + 1] & 0xff;
            int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
            int high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
            if (second < low || second > high) {
                return i;
            }
            for (int k = 2; k < length; k++) {
                if ((bytes[i + k] & 0xc0) != 0x80) {
                    return i;
                }
            }
            i += length;
        }
        return -1;
    }

    /** Index of the backslash of the first escape that is half a surrogate pair without the other half, or -1. */
    static int loneSurrogate(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '\\') {
                continue;
            }
            int unit = escapedUnit(bytes, i);
            if (unit < 0) {
                i++;
                continue;
            }
            if (Character.isSurrogate((char) unit)) {
                int next = escapedUnit(bytes, i + 6);
                if (Character.isLowSurrogate((char) unit) || next < 0 || !Character.isLowSurrogate((char) next)) {
                    return i;
                }
                i += 6;
            }
            i += 5;
        }
        return -1;
    }

    /** The UTF-16 unit of an escape with four hex digits at this position, or -1 if there is none. */
    private static int escapedUnit(byte[] bytes, int at) {
        if (at + 6 > bytes.length || bytes[at] != '\\' || bytes[at + 1] != 'u') {
            return -1;
        }
        int unit = 0;
        for (int k = 2; k < 6; k++) {
            int digit = Character.digit(bytes[at + k], 16);
            if (digit < 0) {
                return -1;
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }
}
