package io.pipectl.canonical;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import org.apache.flink.table.data.TimestampData;
import org.junit.jupiter.api.Test;

class TimeTextTest {

    private final TimeText text = new TimeText();

    private static long entry(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return Entry.text(7, utf8, 0, utf8.length);
    }

    @Test
    void everyDay() {
        int last = (int) LocalDate.of(10_001, 1, 1).toEpochDay();
        for (LocalDate day = LocalDate.of(-1, 1, 1); day.toEpochDay() < last; day = day.plusDays(1)) {
            assertEquals(entry(day.toString()), text.date(7, (int) day.toEpochDay()), day.toString());
        }
    }

    @Test
    void times() {
        assertEquals(entry("00:00:00"), text.time(7, 0));
        assertEquals(entry("23:59:59.999"), text.time(7, 86_399_999));
        assertEquals(entry("09:30:00.25"), text.time(7, 34_200_250));
    }

    @Test
    void timestamps() {
        for (String time : new String[] {
            "2024-01-31T09:30:00", "1969-12-31T23:59:59.999999", "0001-01-01T00:00:00.000001", "9999-12-31T10:00:00.1"
        }) {
            TimestampData value = TimestampData.fromLocalDateTime(LocalDateTime.parse(time));
            assertEquals(entry(time), text.timestamp(7, value, false));
            assertEquals(entry(time + "Z"), text.timestamp(7, value, true));
        }
    }
}
