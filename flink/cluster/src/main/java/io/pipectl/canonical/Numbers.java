package io.pipectl.canonical;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;

/**
 * Entries of numbers. 12, 12.0 and 1.2e1 are one number, whether it is an INT, a DECIMAL, a DOUBLE or a JSON number in
 * {@code extra_fields}. So a number is its nearest double wherever no other number of its length has the same one: up
 * to 15 digits. A longer one is written out, unless it is just what a program prints for a double.
 */
public final class Numbers {

    /** With so many digits, each decimal number has a double of its own. */
    private static final long FIFTEEN_DIGITS = 1_000_000_000_000_000L;

    private static final long SEVENTEEN_DIGITS = 100 * FIFTEEN_DIGITS;
    /** Up to here, each integer is a double. */
    private static final long EXACT_INTEGER = 1L << 53;
    /** Where doubles end, and where they lose digits near zero, is outside 10^-300 to 10^300. */
    private static final int MAGNITUDE = 300;
    /** Powers of ten that are doubles: one multiplication or division by them rounds once, and so correctly. */
    private static final double[] POWERS = new double[23];

    static {
        double power = 1;
        for (int i = 0; i < POWERS.length; i++, power *= 10) {
            POWERS[i] = power;
        }
    }

    private Numbers() {}

    /** FLOAT and DOUBLE. */
    public static long real(long path, double value) {
        return Entry.number(path, value);
    }

    /** TINYINT to BIGINT. */
    public static long integer(long path, long value) {
        return exact(path, value, 0);
    }

    /** The number {@code digits × 10^exponent}. */
    public static long exact(long path, long digits, int exponent) {
        if (isWithin(digits, FIFTEEN_DIGITS) && exponent >= -22 && exponent <= 22) {
            return Entry.number(path, exponent < 0 ? digits / POWERS[-exponent] : digits * POWERS[exponent]);
        }
        if (exponent == 0 && isWithin(digits, EXACT_INTEGER)) {
            return Entry.number(path, (double) digits);
        }
        return stripped(path, digits, exponent);
    }

    /** The same for numbers of any length. */
    public static long exact(long path, BigInteger digits, int exponent) {
        if (digits.bitLength() < Long.SIZE) {
            return exact(path, digits.longValue(), exponent);
        }
        BigInteger rest = digits;
        int power = exponent;
        for (BigInteger[] parts = rest.divideAndRemainder(BigInteger.TEN);
                parts[1].signum() == 0;
                parts = rest.divideAndRemainder(BigInteger.TEN)) {
            rest = parts[0];
            power++;
        }
        return rest.bitLength() < Long.SIZE
                ? exact(path, rest.longValue(), power)
                : writtenOut(path, rest.toString(), power);
    }

    private static long stripped(long path, long digits, int exponent) {
        if (digits == 0) {
            return Entry.number(path, 0);
        }
        long rest = digits;
        int power = exponent;
        while (rest % 10 == 0) {
            rest /= 10;
            power++;
        }
        if (power == 0 && isWithin(rest, EXACT_INTEGER)) {
            return Entry.number(path, (double) rest);
        }
        boolean isShort = isWithin(rest, FIFTEEN_DIGITS);
        if (isShort || power < 0 && isWithin(rest, SEVENTEEN_DIGITS)) {
            BigDecimal number = BigDecimal.valueOf(rest, -power);
            if (Math.abs((long) number.precision() + power) <= MAGNITUDE) {
                double nearest = number.doubleValue();
                if (isShort || isPrinted(number, nearest)) {
                    return Entry.number(path, nearest);
                }
            }
        }
        return writtenOut(path, Long.toString(rest), power);
    }

    /**
     * True for the number that stands for a double in text: the first of those with 15, 16 and 17 digits that reads
     * back as the double. There is just one, so that two numbers never have one entry.
     */
    private static boolean isPrinted(BigDecimal number, double nearest) {
        BigDecimal exact = new BigDecimal(nearest);
        for (int digits = 15; digits <= 17; digits++) {
            BigDecimal printed = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (printed.doubleValue() == nearest) {
                return printed.compareTo(number) == 0;
            }
        }
        return false;
    }

    private static long writtenOut(long path, String digits, int exponent) {
        byte[] ascii = (digits + 'e' + exponent).getBytes(StandardCharsets.ISO_8859_1);
        return Entry.exactNumber(path, ascii, 0, ascii.length);
    }

    private static boolean isWithin(long value, long bound) {
        return -bound <= value && value <= bound;
    }
}
