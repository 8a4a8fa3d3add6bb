package io.pipectl.format;

import java.math.BigInteger;

/**
 * One pass over the characters of a JSON number. It leaves the exact value as {@code digits × 10^exponent}, without
 * trailing zeros in the digits. In that form every question of loss (a fraction in an INT, the scale of a DECIMAL)
 * is a comparison of two small integers, so that {@code 1e5000000} costs no more than {@code 1}.
 */
final class NumberScan {

    static final long[] POWERS_OF_TEN = new long[19];

    static {
        POWERS_OF_TEN[0] = 1;
        for (int i = 1; i < POWERS_OF_TEN.length; i++) {
            POWERS_OF_TEN[i] = 10 * POWERS_OF_TEN[i - 1];
        }
    }

    /** This many digits always fit into a long. */
    static final int LONG_DIGITS = 18;

    /** A larger exponent is out of every type's range, whatever the number of digits. */
    private static final int EXPONENT_BOUND = 1_000_000_000;

    boolean negative;
    /** Number of significant digits; 0 for zero. */
    int count;
    /** Power of ten of the last significant digit; 0 for zero. */
    int exponent;
    /** The significant digits, if there are at most {@link #LONG_DIGITS}. */
    long digits;

    private char[] text;
    private int at;
    private int zeros;

    /** True if {@code text[from, to)} is a number in JSON's grammar: no plus, no leading zeros, no bare point. */
    boolean scan(char[] text, int from, int to) {
        this.text = text;
        at = from;
        count = 0;
        zeros = 0;
        digits = 0;
        negative = at < to && text[at] == '-';
        if (negative) {
            at++;
        }
        int first = at;
        digits(to);
        if (at == first || text[first] == '0' && at > first + 1) {
            return false;
        }
        int fraction = 0;
        if (at < to && text[at] == '.') {
            int start = ++at;
            digits(to);
            fraction = at - start;
            if (fraction == 0) {
                return false;
            }
        }
        int power = 0;
        if (at < to && (text[at] == 'e' || text[at] == 'E')) {
            at++;
            boolean down = at < to && text[at] == '-';
            if (down || at < to && text[at] == '+') {
                at++;
            }
            int start = at;
            for (; at < to && text[at] >= '0' && text[at] <= '9'; at++) {
                power = Math.min(EXPONENT_BOUND, Math.min(power, EXPONENT_BOUND / 10) * 10 + (text[at] - '0'));
            }
            if (at == start) {
                return false;
            }
            power = down ? -power : power;
        }
        exponent = count == 0 ? 0 : power - fraction + zeros;
        this.first = first;
        return at == to;
    }

    private int first;

    private void digits(int to) {
        for (; at < to; at++) {
            char c = text[at];
            if (c == '0') {
                if (count > 0) {
                    zeros++;
                }
            } else if (c > '0' && c <= '9') {
                count += zeros + 1;
                if (count <= LONG_DIGITS) {
                    digits = digits * POWERS_OF_TEN[zeros + 1] + (c - '0');
                }
                zeros = 0;
            } else {
                return;
            }
        }
    }

    /** Value × 10^shift, signed, if that is an integer; for numbers that are too long for {@link #digits}. */
    BigInteger scaled(int shift) {
        char[] significant = new char[count];
        int n = 0;
        boolean started = false;
        for (int i = first; n < count; i++) {
            char c = text[i];
            started |= c > '0' && c <= '9';
            if (started && c != '.') {
                significant[n++] = c;
            }
        }
        BigInteger value = count == 0 ? BigInteger.ZERO : new BigInteger(new String(significant));
        value = value.multiply(BigInteger.TEN.pow(exponent + shift));
        return negative ? value.negate() : value;
    }
}
