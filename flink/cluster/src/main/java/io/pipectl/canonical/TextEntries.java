package io.pipectl.canonical;

import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryStringData;

/** Entries of text. Its bytes are not copied where they lie in one piece, as they do but at the edge of a page. */
final class TextEntries implements ValueEntries {

    private byte[] utf8;
    private int from;
    private int length;

    @Override
    public long sum(long path, Object value) {
        open((StringData) value);
        return Entry.text(path, utf8, from, length);
    }

    /** The same text as the key of a map. */
    long name(StringData value) {
        open(value);
        return Entry.name(utf8, from, length);
    }

    private void open(StringData value) {
        if (value instanceof BinaryStringData binary) {
            binary.ensureMaterialized();
            MemorySegment[] segments = binary.getSegments();
            if (segments.length == 1 && !segments[0].isOffHeap()) {
                utf8 = segments[0].getArray();
                from = binary.getOffset();
                length = binary.getSizeInBytes();
                return;
            }
        }
        utf8 = value.toBytes();
        from = 0;
        length = utf8.length;
    }
}
