package io.pipectl.format;

import io.pipectl.canonical.Entry;
import io.pipectl.canonical.ValueEntries;
import org.apache.flink.table.types.logical.RowType;

/** The hash of a record's values, made while they are read: columns here, everything else in {@link #unknown}. */
final class RecordHash {

    private final long[] paths;
    private final ValueEntries[] columns;
    private final UnknownEntries unknown = new UnknownEntries();
    private long sum;

    RecordHash(RowType schema) {
        columns = schema.getChildren().stream().map(ValueEntries::of).toArray(ValueEntries[]::new);
        paths = schema.getFieldNames().stream()
                .mapToLong(name -> Entry.field(Entry.ROOT, Entry.name(name)))
                .toArray();
    }

    /** Begins a new record. */
    void begin() {
        sum = 0;
        unknown.begin();
    }

    /** @param value null if the record has none */
    void add(int column, Object value) {
        if (value != null) {
            sum += columns[column].sum(paths[column], value);
        }
    }

    UnknownEntries unknown() {
        return unknown;
    }

    long value() {
        return Entry.row(sum + unknown.sum());
    }
}
