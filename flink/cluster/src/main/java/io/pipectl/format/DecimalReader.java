package io.pipectl.format;

import java.math.BigDecimal;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.types.logical.DecimalType;

/** DECIMAL(p, s), exact up to 38 digits: trailing zeros may be added or dropped, but no other digit. */
final class DecimalReader extends NumberReader {

    private final int precision;
    private final int scale;

    DecimalReader(DecimalType type) {
        super(type);
        precision = type.getPrecision();
        scale = type.getScale();
    }

    @Override
    protected Object number(char[] chars, int from, int to) {
        if (scan.exponent < -scale) {
            return refuse("more than " + scale + " digits after the point");
        }
        if (scan.count > 0 && scan.count + scan.exponent > precision - scale) {
            return refuse("more than " + (precision - scale) + " digits before the point");
        }
        int length = scan.count == 0 ? 0 : scan.count + scan.exponent + scale;
        if (length > NumberScan.LONG_DIGITS) {
            return DecimalData.fromBigDecimal(new BigDecimal(scan.scaled(scale), scale), precision, scale);
        }
        long unscaled = length == 0 ? 0 : scan.digits * NumberScan.POWERS_OF_TEN[scan.exponent + scale];
        unscaled = scan.negative ? -unscaled : unscaled;
        return precision <= NumberScan.LONG_DIGITS
                ? DecimalData.fromUnscaledLong(unscaled, precision, scale)
                : DecimalData.fromBigDecimal(BigDecimal.valueOf(unscaled, scale), precision, scale);
    }
}
