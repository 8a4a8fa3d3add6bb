package io.pipectl.canonical;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import org.apache.flink.table.data.TimestampData;

/**
 * Dates and times as ISO 8601 text, as most producers write them in JSON: {@code 2024-01-31},
 * {@code 2024-01-31T09:30:00}, with a {@code Z} where the type has a zone, and as many digits of a second as are not
 * zero, whatever the type's precision. It writes into a buffer of its own, which the next value overwrites.
 */
final class TimeText {

    private static final long MILLIS_OF_DAY = 86_400_000;
    private static final int DAYS_FROM_MARCH_OF_YEAR_0 = 719_468;
    private static final int DAYS_OF_400_YEARS = 146_097;

    private final byte[] text = new byte[48];
    private int length;
    private long lastDay = Long.MIN_VALUE;
    private int dateLength;

    /** The entry of a DATE: days since 1970. */
    long date(long path, int day) {
        length = 0;
        putDate(day);
        return entry(path);
    }

    /** The entry of a TIME: milliseconds of a day. */
    long time(long path, int millis) {
        length = 0;
        putTime(millis, 0);
        return entry(path);
    }

    /** The entry of a TIMESTAMP or TIMESTAMP_LTZ. */
    long timestamp(long path, TimestampData value, boolean zoned) {
        length = 0;
        putDate(Math.floorDiv(value.getMillisecond(), MILLIS_OF_DAY));
        put('T');
        putTime((int) Math.floorMod(value.getMillisecond(), MILLIS_OF_DAY), value.getNanoOfMillisecond());
        if (zoned) {
            put('Z');
        }
        return entry(path);
    }

    private long entry(long path) {
        return Entry.text(path, text, 0, length);
    }

    private void putDate(long day) {
        // Records that follow each other are often of one day, and the buffer still begins with it.
        if (day != lastDay) {
            putOtherDate(day);
            lastDay = day;
            dateLength = length;
        }
        length = dateLength;
    }

    /** Years from March to February: so the day that a leap year has more is its last one. */
    private void putOtherDate(long day) {
        if (day < -DAYS_FROM_MARCH_OF_YEAR_0 + 366 || day > 2_932_896) {
            putForeignDate(day);
            return;
        }
        int shifted = (int) day + DAYS_FROM_MARCH_OF_YEAR_0;
        int era = shifted / DAYS_OF_400_YEARS;
        int dayOfEra = shifted % DAYS_OF_400_YEARS;
        int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int shiftedMonth = (5 * dayOfYear + 2) / 153;
        int month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
        int year = 400 * era + yearOfEra + (month <= 2 ? 1 : 0);
        putTwo(year / 100);
        putTwo(year % 100);
        put('-');
        putTwo(month);
        put('-');
        putTwo(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1);
    }

    /** Years that do not have four digits, which only other programs write; and the year 0. */
    private void putForeignDate(long day) {
        byte[] date = LocalDate.ofEpochDay(day).toString().getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(date, 0, text, 0, date.length);
        length = date.length;
    }

    private void putTime(int millis, int nanoOfMilli) {
        int second = millis / 1000;
        putTwo(second / 3600);
        put(':');
        putTwo(second / 60 % 60);
        put(':');
        putTwo(second % 60);
        int nano = millis % 1000 * 1_000_000 + nanoOfMilli;
        if (nano > 0) {
            put('.');
            for (int weight = 100_000_000; nano > 0; nano %= weight, weight /= 10) {
                put((char) ('0' + nano / weight));
            }
        }
    }

    private void putTwo(int number) {
        put((char) ('0' + number / 10));
        put((char) ('0' + number % 10));
    }

    private void put(char c) {
        text[length++] = (byte) c;
    }
}
