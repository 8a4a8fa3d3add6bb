package io.pipectl.canonical;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One number is one entry in every type that can hold it, and two numbers are two. */
class NumbersTest {

    private static long exact(String number) {
        BigDecimal value = new BigDecimal(number);
        return Numbers.exact(7, value.unscaledValue(), -value.scale());
    }

    private static void same(double value, String... numbers) {
        for (String number : numbers) {
            assertEquals(Numbers.real(7, value), exact(number), number);
        }
    }

    @Test
    void spellingsOfOneNumber() {
        same(0, "0", "0.000", "-0", "0e99");
        same(-0.0, "0");
        same(12, "12", "12.0", "1.2e1", "12000000000000000000000000e-24");
        same(0.1, "0.1", "0.10000000000000000000000", "1e-1");
        same(1e22, "1e22", "10000000000000000000000");
        same(Double.parseDouble("1e23"), "1e23", "100000000000000000000000");
        same(1.5e-200, "1.5e-200", "15e-201");
        same(9007199254740992.0, "9007199254740992", "9007199254740992.00", "90071992547409920e-1");
        same(-9007199254740991.0, "-9007199254740991");
        same(1.23e18, "1230000000000000000");
    }

    @Test
    void whatAProgramPrintsForADouble() {
        same(0.1 + 0.2, "0.30000000000000004");
        same(4.35 * 100, "434.99999999999994");
        same(Math.nextDown(52.52), "52.519999999999996");
    }

    @Test
    void aLongerNumberIsNotTheDoubleNextToIt() {
        assertNotEquals(Numbers.real(7, 0.1), exact("0.1000000000000000055511151231257827"));
        assertNotEquals(Numbers.real(7, 0.1 + 0.2), exact("0.30000000000000005"));
        assertNotEquals(Numbers.real(7, 9007199254740992.0), exact("9007199254740993"));
        assertNotEquals(Numbers.real(7, Double.MIN_VALUE), exact("5e-324"));
        assertNotEquals(exact("1e400"), exact("1e401"));
    }

    @Test
    void integersOfEveryWidth() {
        assertEquals(exact("9223372036854775807"), Numbers.integer(7, Long.MAX_VALUE));
        assertEquals(exact("-9223372036854775808"), Numbers.integer(7, Long.MIN_VALUE));
        assertEquals(exact("12"), Numbers.integer(7, 12));
        assertEquals(exact("1234567890123456789"), Numbers.integer(7, 1234567890123456789L));
    }

    @Test
    void neighboursDifferAndZerosDoNot() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        Map<Long, BigDecimal> all = new HashMap<>();
        for (int i = 0; i < 100_000; i++) {
            BigInteger digits = new BigInteger(1 + random.nextInt(126), random);
            BigDecimal number = new BigDecimal(random.nextBoolean() ? digits.negate() : digits, random.nextInt(40) - 3);
            for (BigDecimal one : new BigDecimal[] {number, number.add(number.ulp())}) {
                long entry = Numbers.exact(7, one.unscaledValue(), -one.scale());
                BigDecimal longer = one.setScale(Math.max(one.scale(), 0) + random.nextInt(5));
                assertEquals(entry, Numbers.exact(7, longer.unscaledValue(), -longer.scale()), "seed " + seed);
                BigDecimal other = all.put(entry, one);
                if (other != null) {
                    assertEquals(0, other.compareTo(one), "seed " + seed);
                }
            }
        }
    }

    @Test
    void everyPrintedDoubleIsThatDouble() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            double value = random.nextBoolean() ? random.nextGaussian() * 180 : random.nextInt(100_000) / 1000.0;
            String printed = String.format("%.14e", value);
            for (int digits = 15; Double.parseDouble(printed) != value; digits++) {
                printed = String.format("%." + digits + "e", new BigDecimal(value));
            }
            assertEquals(Numbers.real(7, value), exact(printed), "seed " + seed + ": " + printed);
        }
    }
}
