package io.pipectl.canonical;

import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.MapData;
import org.apache.flink.table.types.logical.MapType;

/** The entries of a MAP: that it is there, and those of its keys, in no order. */
final class MapEntries implements ValueEntries {

    private final TextEntries keys = new TextEntries();
    private final ValueEntries values;
    private final ArrayData.ElementGetter getter;

    MapEntries(MapType type) {
        values = ValueEntries.of(type.getValueType());
        getter = ArrayData.createElementGetter(type.getValueType());
    }

    @Override
    public long sum(long path, Object value) {
        MapData map = (MapData) value;
        ArrayData names = map.keyArray();
        ArrayData elements = map.valueArray();
        long sum = Entry.object(path);
        for (int i = 0; i < map.size(); i++) {
            long at = Entry.field(path, keys.name(names.getString(i)));
            Object element = getter.getElementOrNull(elements, i);
            sum += element == null ? Entry.nullInMap(at) : values.sum(at, element);
        }
        return sum;
    }
}
