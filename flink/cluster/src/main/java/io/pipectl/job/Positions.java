package io.pipectl.job;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.flink.table.data.RowData;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/**
 * Positions of a topic's records. As text: {@code incarnation/partition/first-last}, separated by commas; the last
 * offset is included.
 */
final class Positions {
    record Position(int incarnation, int partition, long offset) {}

    private record Place(int incarnation, int partition) {}

    /** By place, the first offset of each range with its last one. Ranges do not overlap. */
    private final Map<Place, NavigableMap<Long, Long>> ranges = new HashMap<>();

    private final int incarnation;
    private final int partition;
    private final int offset;
    private final int offsetId;

    private Positions(Schema schema) {
        incarnation = indexOf(schema, "kafka_incarnation");
        partition = indexOf(schema, "kafka_partition");
        offset = indexOf(schema, "kafka_offset");
        offsetId = schema.findField("kafka_offset").fieldId();
    }

    static Positions parse(Schema schema, String text) {
        var positions = new Positions(schema);
        if (text.isEmpty()) return positions;
        for (String word : text.split(",")) {
            String[] parts = word.split("[/-]");
            if (parts.length != 4) throw new IllegalArgumentException("rows " + word + ": I/P/FIRST-LAST is needed");
            var place = new Place(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
            positions
                    .ranges
                    .computeIfAbsent(place, none -> new TreeMap<>())
                    .put(Long.parseLong(parts[2]), Long.parseLong(parts[3]));
        }
        return positions;
    }

    Position of(RowData row) {
        return new Position(row.getInt(incarnation), row.getInt(partition), row.getLong(offset));
    }

    boolean has(RowData row) {
        var of = ranges.get(new Place(row.getInt(incarnation), row.getInt(partition)));
        return of != null && overlaps(of, row.getLong(offset), row.getLong(offset));
    }

    /** False when the file's own statistics rule it out. */
    boolean mayBeIn(DataFile file) {
        ByteBuffer lower =
                file.lowerBounds() == null ? null : file.lowerBounds().get(offsetId);
        ByteBuffer upper =
                file.upperBounds() == null ? null : file.upperBounds().get(offsetId);
        if (lower == null || upper == null) return !ranges.isEmpty();
        long first = Conversions.<Long>fromByteBuffer(Types.LongType.get(), lower);
        long last = Conversions.<Long>fromByteBuffer(Types.LongType.get(), upper);
        return ranges.values().stream().anyMatch(of -> overlaps(of, first, last));
    }

    private static boolean overlaps(NavigableMap<Long, Long> ranges, long first, long last) {
        var range = ranges.floorEntry(last);
        return range != null && range.getValue() >= first;
    }

    private static int indexOf(Schema schema, String name) {
        return schema.columns().indexOf(schema.findField(name));
    }
}
