package io.pipectl.format;

import java.nio.charset.StandardCharsets;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.exc.StreamConstraintsException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.JsonEOFException;

/** What is wrong with bytes that are no JSON, for people who know JSON and not the parser's classes and switches. */
final class JsonFaults {

    private static final int NEAR = 15;

    private JsonFaults() {}

    static String kind(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a text";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> "no object";
        };
    }

    static String describe(JsonProcessingException e, Cursor at) {
        String said = e.getOriginalMessage() == null ? "" : e.getOriginalMessage();
        if (e instanceof StreamConstraintsException) {
            return "not_json: " + limit(said);
        }
        if (e instanceof JsonEOFException) {
            return "not_json: ends too early" + near(at, at.end);
        }
        int where = e.getLocation() == null ? -1 : at.start + (int) e.getLocation().getByteOffset();
        return "not_json: " + what(said) + near(at, where);
    }

    private static String limit(String said) {
        if (said.contains("nesting depth")) {
            return "nested deeper than 1000";
        }
        if (said.startsWith("Number")) {
            return "a number longer than 1000 digits";
        }
        if (said.startsWith("Name")) {
            return "a field name longer than 50000 characters";
        }
        return "too large";
    }

    private static String what(String said) {
        if (said.contains("eading zero")) {
            return "a number with leading zeros";
        }
        if (said.startsWith("Non-standard token")) {
            return "NaN and Infinity are no numbers";
        }
        if (said.startsWith("Unrecognized token")) {
            return "an unknown word";
        }
        if (said.startsWith("Unrecognized character escape")) {
            return "an unknown escape";
        }
        if (said.startsWith("Invalid numeric value")) {
            return "an incomplete number";
        }
        return "an unexpected character";
    }

    private static String near(Cursor at, int where) {
        if (where < at.start || where > at.end) {
            return "";
        }
        int from = Math.max(at.start, where - NEAR);
        int to = Math.min(at.end, where + NEAR);
        while (from < to && (at.bytes[from] & 0xc0) == 0x80) {
            from++;
        }
        while (to < at.end && (at.bytes[to] & 0xc0) == 0x80) {
            to++;
        }
        String text = Shown.text(new String(at.bytes, from, to - from, StandardCharsets.UTF_8));
        return ", near byte " + where + ": " + text;
    }
}
