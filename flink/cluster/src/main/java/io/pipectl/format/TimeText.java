package io.pipectl.format;

import java.time.LocalDate;
import java.time.YearMonth;

/**
 * Reads {@code 2024-01-31}, {@code 23:59:59.123}, and both joined by a space or {@code T}, straight from characters:
 * java.time's formatters cost more than all the rest of a record, and their lenient modes move Feb 30 to Feb 29. Each part
 * returns whether it was there as written; {@link #why} says more where the digits were right and the value was not.
 */
final class TimeText {

    private static final int MILLIS_PER_DAY = 86_400_000;

    String why;
    int epochDay;
    int secondOfDay;
    int nano;
    /** Whether a zone was given, whether it was more than a Z, and what it adds to UTC. */
    boolean zoned;
    boolean offset;
    int offsetSeconds;

    private char[] c;
    private int at;
    private int end;

    boolean date(char[] chars, int from, int to) {
        begin(chars, from, to);
        return datePart() && at == end;
    }

    boolean time(char[] chars, int from, int to, int precision) {
        begin(chars, from, to);
        return timePart(precision) && zonePart() && at == end;
    }

    boolean timestamp(char[] chars, int from, int to, int precision) {
        begin(chars, from, to);
        if (!datePart() || at == end || c[at] != ' ' && c[at] != 'T') {
            return false;
        }
        at++;
        return timePart(precision) && zonePart() && at == end;
    }

    long epochMillis() {
        return (long) epochDay * MILLIS_PER_DAY + secondOfDay * 1000L - offsetSeconds * 1000L + nano / 1_000_000;
    }

    private void begin(char[] chars, int from, int to) {
        c = chars;
        at = from;
        end = to;
        why = null;
        zoned = false;
        offset = false;
        offsetSeconds = 0;
    }

    /** So many digits as a number, or -1. */
    private int number(int count) {
        if (end - at < count) {
            return -1;
        }
        int value = 0;
        for (int stop = at + count; at < stop; at++) {
            int digit = c[at] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private boolean sign(char sign) {
        if (at < end && c[at] == sign) {
            at++;
            return true;
        }
        return false;
    }

    private boolean datePart() {
        int year = number(4);
        if (year < 0 || !sign('-')) {
            return false;
        }
        int month = number(2);
        if (month < 0 || !sign('-')) {
            return false;
        }
        int day = number(2);
        if (day < 0) {
            return false;
        }
        if (month < 1 || month > 12 || day < 1 || day > 28 && day > YearMonth.of(year, month).lengthOfMonth()) {
            why = "no such day";
            return false;
        }
        epochDay = (int) LocalDate.of(year, month, day).toEpochDay();
        return true;
    }

    private boolean timePart(int precision) {
        int hour = number(2);
        if (hour < 0 || !sign(':')) {
            return false;
        }
        int minute = number(2);
        if (minute < 0 || !sign(':')) {
            return false;
        }
        int second = number(2);
        if (second < 0) {
            return false;
        }
        if (hour > 23 || minute > 59 || second > 59) {
            why = "no such time of day";
            return false;
        }
        secondOfDay = (hour * 60 + minute) * 60 + second;
        nano = 0;
        return !sign('.') || fraction(precision);
    }

    private boolean fraction(int precision) {
        int first = at;
        int unit = 100_000_000;
        for (; at < end && c[at] >= '0' && c[at] <= '9'; at++) {
            if (at - first >= precision && c[at] != '0') {
                why = "more than " + precision + " digits of a second";
                return false;
            }
            nano += (c[at] - '0') * unit; // beyond nanoseconds the unit is 0, and so is the digit
            unit /= 10;
        }
        return at > first;
    }

    /** Nothing, {@code Z}, or an offset {@code +02:00}, {@code +0200}, {@code +02}. */
    private boolean zonePart() {
        if (at == end) {
            return true;
        }
        zoned = true;
        if (sign('Z')) {
            return true;
        }
        boolean west = c[at] == '-';
        if (!west && c[at] != '+') {
            return false;
        }
        at++;
        int hours = number(2);
        int minutes = 0;
        if (hours >= 0 && at < end) {
            sign(':');
            minutes = number(2);
        }
        if (hours < 0 || minutes < 0) {
            return false;
        }
        if (minutes > 59 || hours * 60 + minutes > 18 * 60) {
            why = "no such offset";
            return false;
        }
        offsetSeconds = (hours * 60 + minutes) * (west ? -60 : 60);
        offset = true;
        return true;
    }
}
