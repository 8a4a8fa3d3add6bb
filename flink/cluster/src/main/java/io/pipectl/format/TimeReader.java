package io.pipectl.format;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;

/**
 * DATE, TIME, TIMESTAMP and TIMESTAMP_LTZ from text only; a number could be seconds, milliseconds or a year.
 *
 * <p>A column without a zone accepts {@code Z}, as local time in UTC, but no offset, which would have to be dropped
 * or applied. A column with a zone needs one of the two. Fractional digits beyond the column's precision must be
 * zeros.
 */
final class TimeReader extends ValueReader {

    /** Flink stores a TIME in milliseconds, whatever its declared precision. */
    private static final int TIME_DIGITS = 3;

    private final LogicalTypeRoot root;
    private final int precision;
    private final TimeScan scan = new TimeScan();

    TimeReader(LogicalType type) {
        super(type);
        root = type.getTypeRoot();
        precision = switch (root) {
            case DATE -> 0;
            case TIME_WITHOUT_TIME_ZONE -> Math.min(TIME_DIGITS, LogicalTypeChecks.getPrecision(type));
            default -> LogicalTypeChecks.getPrecision(type);
        };
    }

    @Override
    protected Object value(JsonParser parser, JsonToken token) throws IOException, BadValue {
        if (token != JsonToken.VALUE_STRING) {
            throw refused(parser);
        }
        int from = parser.getTextOffset();
        Object value = time(parser.getTextCharacters(), from, from + parser.getTextLength());
        if (value == null) {
            throw scan.why == null ? refused(parser) : refused(parser, scan.why);
        }
        return value;
    }

    @Override
    Object plain(char[] text, int from, int to, boolean quoted) {
        return quoted ? time(text, from, to) : null;
    }

    /** Null if the text is not a valid value. */
    private Object time(char[] text, int from, int to) {
        scan.start(text, from, to);
        boolean good = switch (root) {
            case DATE -> scan.date();
            case TIME_WITHOUT_TIME_ZONE -> time() && withoutZone();
            case TIMESTAMP_WITHOUT_TIME_ZONE -> dateAndTime() && withoutZone();
            default -> dateAndTime() && scan.offset();
        };
        if (!good || !scan.atEnd()) {
            return null;
        }
        return switch (root) {
            case DATE -> scan.day;
            case TIME_WITHOUT_TIME_ZONE -> scan.secondOfDay * 1000 + scan.nano / 1_000_000;
            case TIMESTAMP_WITHOUT_TIME_ZONE -> instant(0);
            default -> instant(scan.offsetSeconds);
        };
    }

    private boolean dateAndTime() {
        return scan.date() && (scan.skip(' ') || scan.skip('T')) && time();
    }

    private boolean time() {
        if (!scan.time()) {
            return false;
        }
        if (scan.fractionDigits > precision) {
            scan.why = "more than " + precision + " fractional digits";
            return false;
        }
        return true;
    }

    private boolean withoutZone() {
        if (scan.offsetAhead()) {
            scan.why = "has a zone offset";
            return false;
        }
        scan.skip('Z');
        return true;
    }

    private TimestampData instant(int offsetSeconds) {
        long seconds = scan.day * 86_400L + scan.secondOfDay - offsetSeconds;
        return TimestampData.fromEpochMillis(seconds * 1000 + scan.nano / 1_000_000, scan.nano % 1_000_000);
    }
}
