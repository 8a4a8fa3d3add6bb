package io.pipectl.format;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.NumberInput;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;

/**
 * FLOAT and DOUBLE: the nearest value of the type, with the sign of zero. Only values outside the range are refused:
 * a finite number that would become infinite, and a number other than zero that would become zero.
 */
final class FloatingReader extends NumberReader {

    /** Exact powers of ten. An exact integer multiplied or divided by one of them is rounded once, and so correctly. */
    private static final double[] DOUBLE_POWERS = new double[23];

    private static final float[] FLOAT_POWERS = new float[11];
    private static final long EXACT_DOUBLE = 1L << 53;
    private static final long EXACT_FLOAT = 1L << 24;

    static {
        double d = 1;
        for (int i = 0; i < DOUBLE_POWERS.length; i++, d *= 10) {
            DOUBLE_POWERS[i] = d;
        }
        float f = 1;
        for (int i = 0; i < FLOAT_POWERS.length; i++, f *= 10) {
            FLOAT_POWERS[i] = f;
        }
    }

    private final boolean single;

    FloatingReader(LogicalType type) {
        super(type);
        single = type.is(LogicalTypeRoot.FLOAT);
    }

    @Override
    protected Object number(char[] chars, int from, int to) {
        if (single) {
            float value = toFloat(chars, from, to);
            return lost(Float.isInfinite(value), value == 0) ? null : value;
        }
        double value = toDouble(chars, from, to);
        return lost(Double.isInfinite(value), value == 0) ? null : value;
    }

    private boolean lost(boolean infinite, boolean zero) {
        if (infinite) {
            refuse("would become infinite");
            return true;
        }
        if (zero && scan.count > 0) {
            refuse("would become zero");
            return true;
        }
        return false;
    }

    private double toDouble(char[] chars, int from, int to) {
        int power = scan.exponent;
        if (scan.count <= 16 && scan.digits <= EXACT_DOUBLE && power >= -22 && power <= 22) {
            double value = scan.digits;
            value = power < 0 ? value / DOUBLE_POWERS[-power] : value * DOUBLE_POWERS[power];
            return scan.negative ? -value : value;
        }
        return NumberInput.parseDouble(chars, from, to - from, true);
    }

    private float toFloat(char[] chars, int from, int to) {
        int power = scan.exponent;
        if (scan.count <= 8 && scan.digits <= EXACT_FLOAT && power >= -10 && power <= 10) {
            float value = scan.digits;
            value = power < 0 ? value / FLOAT_POWERS[-power] : value * FLOAT_POWERS[power];
            return scan.negative ? -value : value;
        }
        // Not by way of double, which would round twice.
        return Float.parseFloat(new String(chars, from, to - from));
    }
}
