package io.pipectl.format;

import java.io.IOException;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.TimestampData;

/** Readers of dates and times. Only text counts: whether a number means seconds, milliseconds or days is a guess. */
final class Times {

    /** Flink holds a TIME as milliseconds whatever its precision. */
    private static final int TIME_DIGITS = 3;

    private Times() {}

    static ValueReader dates(String type) {
        TimeText text = new TimeText();
        return at -> {
            requireText(at, type);
            int from = at.parser.getTextOffset();
            if (!text.date(at.parser.getTextCharacters(), from, from + at.parser.getTextLength())) {
                throw at.isNo(type, text.why);
            }
            return text.epochDay;
        };
    }

    static ValueReader times(String type, int precision) {
        TimeText text = new TimeText();
        int digits = Math.min(precision, TIME_DIGITS);
        return at -> {
            requireText(at, type);
            int from = at.parser.getTextOffset();
            if (!text.time(at.parser.getTextCharacters(), from, from + at.parser.getTextLength(), digits)) {
                throw at.isNo(type, text.why);
            }
            requireNoOffset(at, type, text);
            return text.secondOfDay * 1000 + text.nano / 1_000_000;
        };
    }

    /** A timestamp without a zone: a Z is taken as the wall time of UTC, an offset has no place to go. */
    static ValueReader timestamps(String type, int precision) {
        TimeText text = new TimeText();
        return at -> {
            readTimestamp(at, type, text, precision);
            requireNoOffset(at, type, text);
            return timestamp(text);
        };
    }

    /** A point in time: without a zone it would depend on a session's setting which one. */
    static ValueReader instants(String type, int precision) {
        TimeText text = new TimeText();
        return at -> {
            readTimestamp(at, type, text, precision);
            if (!text.zoned) {
                throw at.isNo(type, "has no zone");
            }
            return timestamp(text);
        };
    }

    private static void readTimestamp(Cursor at, String type, TimeText text, int precision) throws IOException {
        requireText(at, type);
        int from = at.parser.getTextOffset();
        if (!text.timestamp(at.parser.getTextCharacters(), from, from + at.parser.getTextLength(), precision)) {
            throw at.isNo(type, text.why);
        }
    }

    private static TimestampData timestamp(TimeText text) {
        return TimestampData.fromEpochMillis(text.epochMillis(), text.nano % 1_000_000);
    }

    private static void requireText(Cursor at, String type) throws IOException {
        if (at.parser.currentToken() != JsonToken.VALUE_STRING) {
            throw at.isNo(type);
        }
    }

    private static void requireNoOffset(Cursor at, String type, TimeText text) throws IOException {
        if (text.offset) {
            throw at.isNo(type, "has an offset");
        }
    }
}
