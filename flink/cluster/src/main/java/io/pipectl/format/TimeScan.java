package io.pipectl.format;

/**
 * Parses dates and times of day from characters, without an intermediate text or calendar object. Only valid dates
 * and times are accepted: Feb 30, 24:00:00 and second 60 are errors, never the next day or minute.
 */
final class TimeScan {

    /** Days from year 0 to 1970-01-01. */
    private static final int DAYS_TO_1970 = 719_528;

    private static final int[] DAYS_BEFORE_MONTH = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

    private char[] text;
    private int at;
    private int to;

    /** Days since 1970-01-01, after {@link #date}. */
    int day;
    /** Set by {@link #time}. */
    int secondOfDay;
    /** Set by {@link #time}. */
    int nano;
    /** Number of needed fractional digits of the second, up to the last non-zero one. */
    int fractionDigits;
    /** Set by {@link #offset}. */
    int offsetSeconds;
    /** The problem of a value that has the right form, or null. */
    String why;

    void start(char[] text, int from, int to) {
        this.text = text;
        this.at = from;
        this.to = to;
        this.why = null;
    }

    boolean atEnd() {
        return at == to;
    }

    /** Consumes the character if it is the next one. */
    boolean skip(char c) {
        if (at < to && text[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    /** yyyy-MM-dd */
    boolean date() {
        int year = number(4);
        if (year < 0 || !skip('-')) {
            return false;
        }
        int month = number(2);
        if (month < 0 || !skip('-')) {
            return false;
        }
        int date = number(2);
        if (date < 0) {
            return false;
        }
        if (month < 1 || month > 12) {
            why = "there is no month " + month;
            return false;
        }
        boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        int length = DAYS_BEFORE_MONTH[month] - DAYS_BEFORE_MONTH[month - 1] + (leap && month == 2 ? 1 : 0);
        if (date < 1 || date > length) {
            why = "that month has no day " + date;
            return false;
        }
        int leapsBefore = (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
        int dayOfYear = DAYS_BEFORE_MONTH[month - 1] + (leap && month > 2 ? 1 : 0) + date - 1;
        day = 365 * year + leapsBefore + dayOfYear - DAYS_TO_1970;
        return true;
    }

    /** HH:mm:ss, and a fraction of any length that has only zeros from the tenth digit on. */
    boolean time() {
        int hour = number(2);
        if (hour < 0 || !skip(':')) {
            return false;
        }
        int minute = number(2);
        if (minute < 0 || !skip(':')) {
            return false;
        }
        int second = number(2);
        if (second < 0) {
            return false;
        }
        if (hour > 23 || minute > 59 || second > 59) {
            why = "there is no such time of day";
            return false;
        }
        secondOfDay = hour * 3600 + minute * 60 + second;
        nano = 0;
        fractionDigits = 0;
        return !skip('.') || fraction();
    }

    private boolean fraction() {
        int start = at;
        int weight = 100_000_000;
        for (; at < to && digit(text[at]); at++) {
            if (text[at] != '0') {
                fractionDigits = at - start + 1;
            }
            nano += (text[at] - '0') * weight;
            weight /= 10;
        }
        return at > start;
    }

    /** Z, or +HH:mm and -HH:mm up to 18 hours, the limit of java.time. */
    boolean offset() {
        if (skip('Z')) {
            offsetSeconds = 0;
            return true;
        }
        boolean west = at < to && text[at] == '-';
        if (!west && !(at < to && text[at] == '+')) {
            why = at == to ? "has no zone (Z or an offset)" : null;
            return false;
        }
        at++;
        int hours = number(2);
        if (hours < 0 || !skip(':')) {
            return false;
        }
        int minutes = number(2);
        if (minutes < 0) {
            return false;
        }
        offsetSeconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
        if (minutes > 59 || Math.abs(offsetSeconds) > 18 * 3600) {
            why = "there is no such offset";
            return false;
        }
        return true;
    }

    /** True if an offset follows, in a place without one. */
    boolean offsetAhead() {
        return at < to && (text[at] == '+' || text[at] == '-');
    }

    /** The value of exactly this many digits, or -1. */
    private int number(int length) {
        if (to - at < length) {
            return -1;
        }
        int value = 0;
        for (int end = at + length; at < end; at++) {
            if (!digit(text[at])) {
                return -1;
            }
            value = value * 10 + (text[at] - '0');
        }
        return value;
    }

    private static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }
}
