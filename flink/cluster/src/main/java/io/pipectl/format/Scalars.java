package io.pipectl.format;

import java.io.IOException;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.types.logical.DecimalType;

/** Readers of booleans and numbers. A number may also be sent as text, since that loses nothing; a boolean may not. */
final class Scalars {

    private Scalars() {}

    static ValueReader booleans(String type) {
        return at -> switch (at.parser.currentToken()) {
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            default -> throw at.isNo(type);
        };
    }

    static ValueReader tinyints(String type) {
        return at -> (byte) whole(at, type, Byte.MIN_VALUE, Byte.MAX_VALUE);
    }

    static ValueReader smallints(String type) {
        return at -> (short) whole(at, type, Short.MIN_VALUE, Short.MAX_VALUE);
    }

    static ValueReader ints(String type) {
        return at -> (int) whole(at, type, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    static ValueReader bigints(String type) {
        return at -> whole(at, type, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    static ValueReader doubles(String type) {
        return at -> {
            double value = number(at, type).toDouble();
            if (Double.isInfinite(value)) {
                throw at.isNo(type, "out of range");
            }
            return value;
        };
    }

    static ValueReader floats(String type) {
        return at -> {
            float value = number(at, type).toFloat();
            if (Float.isInfinite(value)) {
                throw at.isNo(type, "out of range");
            }
            return value;
        };
    }

    static ValueReader decimals(String type, DecimalType decimal) {
        int precision = decimal.getPrecision();
        int scale = decimal.getScale();
        return at -> {
            Object value = number(at, type).toDecimal(precision, scale);
            if (value == null) {
                throw at.isNo(type, at.number.why);
            }
            return value;
        };
    }

    private static long whole(Cursor at, String type, long min, long max) throws IOException {
        NumberText number = number(at, type);
        if (!number.toLong(min, max)) {
            throw at.isNo(type, number.why);
        }
        return number.asLong;
    }

    private static NumberText number(Cursor at, String type) throws IOException {
        JsonParser parser = at.parser;
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
            char[] chars = parser.getTextCharacters();
            int from = parser.getTextOffset();
            if (at.number.parse(chars, from, from + parser.getTextLength())) {
                return at.number;
            }
        } else if (token == JsonToken.VALUE_STRING) {
            char[] chars = parser.getTextCharacters();
            int from = parser.getTextOffset();
            int to = from + parser.getTextLength();
            while (from < to && blank(chars[from])) {
                from++;
            }
            while (from < to && blank(chars[to - 1])) {
                to--;
            }
            if (at.number.parse(chars, from, to)) {
                return at.number;
            }
        } else {
            throw at.isNo(type);
        }
        throw at.isNo(type, at.number.why);
    }

    /** What JSON calls white space, and nothing more. */
    private static boolean blank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }
}
