package io.pipectl.format;

import java.math.BigDecimal;
import java.math.RoundingMode;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.NumberInput;
import org.apache.flink.table.data.DecimalData;

/**
 * A number taken apart as written: mantissa * 10^exponent. Numbers of up to 18 digits, nearly all, stay in one long and
 * never become text; longer ones go through BigDecimal, whose cost the length limit bounds. An exponent is never carried
 * out before the result is known to be small: {@code 1e5000000} must be refused, not computed.
 */
final class NumberText {

    /** Jackson's limit for numbers in JSON, kept for numbers in text. */
    static final int LONGEST = 1000;

    private static final int LONG_DIGITS = 18;
    private static final int EXPONENT_BOUND = 100_000_000;
    private static final long[] POWERS = new long[LONG_DIGITS + 1];
    private static final double[] EXACT_DOUBLES = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = POWERS[i - 1] * 10;
        }
    }

    /** Why the last conversion failed. */
    String why;

    /** What the last {@link #toLong} that succeeded found. */
    long asLong;

    private char[] chars;
    private int from;
    private int to;
    private boolean negative;
    private long mantissa; // without sign; only of use if digits <= LONG_DIGITS
    private int digits; // from the first that is not 0 to the last
    private int exponent; // of the last digit

    /** Takes a number in JSON's grammar: no plus, no leading zeros, no {@code 1d}, no {@code NaN}. */
    boolean parse(char[] c, int start, int end) {
        chars = c;
        from = start;
        to = end;
        why = null;
        if (end - start > LONGEST) {
            why = "longer than " + LONGEST + " characters";
            return false;
        }
        int i = start;
        negative = i < end && c[i] == '-';
        if (negative) {
            i++;
        }
        mantissa = 0;
        digits = 0;
        int whole = i;
        i = digits(i);
        if (i == whole || c[whole] == '0' && i > whole + 1) {
            return false;
        }
        exponent = 0;
        if (i < end && c[i] == '.') {
            int fraction = ++i;
            i = digits(i);
            if (i == fraction) {
                return false;
            }
            exponent = fraction - i;
        }
        if (i < end && (c[i] == 'e' || c[i] == 'E')) {
            i = exponent(i + 1);
        }
        return i == end;
    }

    private int digits(int i) {
        char d;
        while (i < to && (d = chars[i]) >= '0' && d <= '9') {
            if (digits > 0 || d != '0') {
                digits++;
                mantissa = mantissa * 10 + (d - '0'); // wraps beyond 18 digits, and is then not used
            }
            i++;
        }
        return i;
    }

    private int exponent(int i) {
        boolean minus = i < to && chars[i] == '-';
        if (minus || i < to && chars[i] == '+') {
            i++;
        }
        int first = i;
        int e = 0;
        while (i < to && chars[i] >= '0' && chars[i] <= '9') {
            e = Math.min(e * 10 + (chars[i] - '0'), EXPONENT_BOUND);
            i++;
        }
        exponent += minus ? -e : e;
        return i == first ? -1 : i;
    }

    /** Whether the number is whole and within the bounds; if so it is in {@link #asLong}. */
    boolean toLong(long min, long max) {
        if (digits > LONG_DIGITS) {
            return toLongSlowly(min, max);
        }
        long value = mantissa;
        if (value == 0) {
            exponent = 0;
        }
        while (exponent < 0) {
            if (value % 10 != 0) {
                why = "has a fraction";
                return false;
            }
            value /= 10;
            exponent++;
        }
        if (exponent > 0) {
            if (exponent > LONG_DIGITS || Math.multiplyHigh(value, POWERS[exponent]) != 0
                    || value * POWERS[exponent] < 0) {
                return outOfRange();
            }
            value *= POWERS[exponent];
        }
        asLong = negative ? -value : value;
        return asLong >= min && asLong <= max || outOfRange();
    }

    private boolean toLongSlowly(long min, long max) {
        BigDecimal exact = exact();
        if (exact == null || exact.precision() - (long) exact.scale() > 19) {
            return exponent < -LONGEST ? hasFraction() : outOfRange();
        }
        try {
            asLong = exact.longValueExact();
        } catch (ArithmeticException e) {
            return exact.scale() > 0 ? hasFraction() : outOfRange();
        }
        return asLong >= min && asLong <= max || outOfRange();
    }

    private boolean hasFraction() {
        why = "has a fraction";
        return false;
    }

    private boolean outOfRange() {
        why = "out of range";
        return false;
    }

    /** The exact value without trailing zeros, or null if its exponent is beyond all bounds. */
    private BigDecimal exact() {
        if (exponent <= -EXPONENT_BOUND || exponent >= EXPONENT_BOUND / 2) {
            return null;
        }
        return new BigDecimal(chars, from, to - from).stripTrailingZeros();
    }

    /** The nearest double, infinite if there is none. */
    double toDouble() {
        if (digits <= LONG_DIGITS && mantissa <= 1L << 53 && exponent >= -22 && exponent <= 22) {
            // Both operands are exact doubles, so IEEE rounds once: the nearest.
            double m = mantissa;
            double value = exponent < 0 ? m / EXACT_DOUBLES[-exponent] : m * EXACT_DOUBLES[exponent];
            return negative ? -value : value;
        }
        return NumberInput.parseDouble(chars, from, to - from, true);
    }

    /** The nearest float, rounded once from the text and not by way of a double. */
    float toFloat() {
        return Float.parseFloat(new String(chars, from, to - from));
    }

    /** The exact decimal, or null if the type has too few digits before or after the point. */
    DecimalData toDecimal(int precision, int scale) {
        if (digits > LONG_DIGITS) {
            return toDecimalSlowly(precision, scale);
        }
        long value = mantissa;
        if (value == 0) {
            return DecimalData.zero(precision, scale);
        }
        while (exponent < -scale) {
            if (value % 10 != 0) {
                why = "more than " + scale + " digits after the point";
                return null;
            }
            value /= 10;
            exponent++;
        }
        int up = exponent + scale; // unscaled = value * 10^up
        int length = up > precision ? Integer.MAX_VALUE : length(value) + up;
        if (length > precision) {
            why = "more than " + (precision - scale) + " digits before the point";
            return null;
        }
        value = negative ? -value : value;
        if (precision <= LONG_DIGITS) {
            return DecimalData.fromUnscaledLong(value * POWERS[up], precision, scale);
        }
        return DecimalData.fromBigDecimal(
                BigDecimal.valueOf(value, -exponent).setScale(scale, RoundingMode.UNNECESSARY), precision, scale);
    }

    private DecimalData toDecimalSlowly(int precision, int scale) {
        BigDecimal exact = exact();
        if (exact == null ? exponent < 0 : exact.scale() > scale) {
            why = "more than " + scale + " digits after the point";
            return null;
        }
        if (exact == null || exact.precision() - (long) exact.scale() > precision - scale) {
            why = "more than " + (precision - scale) + " digits before the point";
            return null;
        }
        return DecimalData.fromBigDecimal(exact.setScale(scale, RoundingMode.UNNECESSARY), precision, scale);
    }

    private static int length(long value) {
        int n = 1;
        while (n < POWERS.length && value >= POWERS[n]) {
            n++;
        }
        return n;
    }
}
