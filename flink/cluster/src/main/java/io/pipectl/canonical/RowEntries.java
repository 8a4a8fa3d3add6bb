package io.pipectl.canonical;

import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;

/** The entries of a ROW: that it is there, and those of its fields. */
final class RowEntries implements ValueEntries {

    private final long[] names;
    private final ValueEntries[] values;
    private final RowData.FieldGetter[] getters;

    RowEntries(RowType type) {
        names = type.getFieldNames().stream().mapToLong(Entry::name).toArray();
        values = type.getChildren().stream().map(ValueEntries::of).toArray(ValueEntries[]::new);
        getters = new RowData.FieldGetter[values.length];
        for (int i = 0; i < values.length; i++) {
            getters[i] = RowData.createFieldGetter(type.getTypeAt(i), i);
        }
    }

    @Override
    public long sum(long path, Object value) {
        RowData row = (RowData) value;
        long sum = Entry.object(path);
        for (int i = 0; i < values.length; i++) {
            Object field = getters[i].getFieldOrNull(row);
            if (field != null) {
                sum += values[i].sum(Entry.field(path, names[i]), field);
            }
        }
        return sum;
    }
}
