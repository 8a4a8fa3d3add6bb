package io.pipectl.format;

import java.math.BigInteger;
import org.apache.flink.table.types.logical.LogicalType;

/** TINYINT to BIGINT: any spelling of an integer in range ({@code 12}, {@code 12.0}, {@code 1e3}), without rounding. */
final class IntegerReader extends NumberReader {

    private final int bits;

    IntegerReader(LogicalType type) {
        super(type);
        bits = switch (type.getTypeRoot()) {
            case TINYINT -> Byte.SIZE;
            case SMALLINT -> Short.SIZE;
            case INTEGER -> Integer.SIZE;
            default -> Long.SIZE;
        };
    }

    @Override
    protected Object number(char[] chars, int from, int to) {
        if (scan.exponent < 0) {
            return refuse("has a fraction");
        }
        int length = scan.count + scan.exponent;
        if (length <= NumberScan.LONG_DIGITS) {
            long value = scan.digits * NumberScan.POWERS_OF_TEN[scan.exponent];
            return boxed(scan.negative ? -value : value);
        }
        if (length > NumberScan.LONG_DIGITS + 1) {
            return refuse("out of range");
        }
        BigInteger value = scan.scaled(0);
        if (value.bitLength() >= Long.SIZE) {
            return refuse("out of range");
        }
        return boxed(value.longValue());
    }

    private Object boxed(long value) {
        return switch (bits) {
            case Integer.SIZE -> value == (int) value ? (int) value : refuse("out of range");
            case Short.SIZE -> value == (short) value ? (short) value : refuse("out of range");
            case Byte.SIZE -> value == (byte) value ? (byte) value : refuse("out of range");
            default -> value;
        };
    }
}
