package io.pipectl.format;

import java.io.IOException;
import java.math.BigInteger;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.table.types.logical.LogicalType;

/** TINYINT to BIGINT: any spelling of an integer in range ({@code 12}, {@code 12.0}, {@code 1e3}), nothing rounded. */
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
    protected Object number(JsonParser parser, char[] chars, int from, int to) throws IOException, BadValue {
        if (scan.exponent < 0) {
            throw refused(parser, "has a fraction");
        }
        int length = scan.count + scan.exponent;
        if (length <= NumberScan.LONG_DIGITS) {
            long value = scan.digits * NumberScan.POWERS_OF_TEN[scan.exponent];
            return boxed(parser, scan.negative ? -value : value);
        }
        if (length > NumberScan.LONG_DIGITS + 1) {
            throw refused(parser, "out of range");
        }
        BigInteger value = scan.scaled(0);
        if (value.bitLength() >= Long.SIZE) {
            throw refused(parser, "out of range");
        }
        return boxed(parser, value.longValue());
    }

    private Object boxed(JsonParser parser, long value) throws IOException, BadValue {
        switch (bits) {
            case Integer.SIZE:
                if (value == (int) value) {
                    return (int) value;
                }
                break;
            case Short.SIZE:
                if (value == (short) value) {
                    return (short) value;
                }
                break;
            case Byte.SIZE:
                if (value == (byte) value) {
                    return (byte) value;
                }
                break;
            default:
                return value;
        }
        throw refused(parser, "out of range");
    }
}
