package io.pipectl.canonical;

import java.nio.charset.StandardCharsets;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;

/** The entries of a ROW: that it is there, and those of its fields. */
final class RowEntries implements ValueEntries {

    private final byte[][] names;
    private final ValueEntries[] values;
    private final RowData.FieldGetter[] getters;
    /** The fields' paths where the row is at {@link #knownPath}, as it always is for a ROW that is a column. */
    private final long[] paths;

    private long knownPath;
    private boolean known;

    RowEntries(RowType type) {
        int size = type.getFieldCount();
        names = new byte[size][];
        values = new ValueEntries[size];
        getters = new RowData.FieldGetter[size];
        paths = new long[size];
        for (int i = 0; i < size; i++) {
            names[i] = type.getFieldNames().get(i).getBytes(StandardCharsets.UTF_8);
            values[i] = ValueEntries.of(type.getTypeAt(i));
            getters[i] = RowData.createFieldGetter(type.getTypeAt(i), i);
        }
    }

    @Override
    public long sum(long path, Object value) {
        if (!known || path != knownPath) {
            for (int i = 0; i < paths.length; i++) {
                paths[i] = Entry.field(path, names[i]);
            }
            knownPath = path;
            known = true;
        }
        RowData row = (RowData) value;
        long sum = Entry.object(path);
        for (int i = 0; i < values.length; i++) {
            Object field = getters[i].getFieldOrNull(row);
            if (field != null) {
                sum += values[i].sum(paths[i], field);
            }
        }
        return sum;
    }
}
