package io.pipectl.job;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import org.apache.flink.runtime.source.coordinator.SourceCoordinatorSerdeUtils;
import org.apache.iceberg.flink.source.enumerator.IcebergEnumeratorState;
import org.apache.iceberg.flink.source.enumerator.IcebergEnumeratorStateSerializer;

/**
 * The state of an Iceberg source's enumerator in a checkpoint.
 *
 * @param continuous true if it follows the table; a source that reads a single snapshot has no position
 * @param snapshot the last snapshot that was planned as splits; null when the table had none
 * @param pending number of splits that are not assigned to a reader
 */
record EnumeratorState(boolean continuous, Long snapshot, int pending) {

    /** Parses the bytes of Flink's SourceCoordinator, whose own parser is not public. */
    static EnumeratorState of(byte[] coordinator) throws IOException {
        var in = new DataInputStream(new ByteArrayInputStream(coordinator));
        int version = in.readInt();
        if (version != SourceCoordinatorSerdeUtils.VERSION_1) {
            throw new IOException("version " + version + " of a coordinator");
        }
        int format = in.readInt();
        int length = in.readInt();
        if (length != in.available()) {
            throw new IOException(length + " bytes of state expected, " + in.available() + " there");
        }
        var serializer = new IcebergEnumeratorStateSerializer(false);
        IcebergEnumeratorState state = serializer.deserialize(format, in.readAllBytes());
        // Neither this type nor any other way to the id is public.
        Object position = state.lastEnumeratedPosition();
        Long snapshot = position == null ? null : snapshotId(position);
        return new EnumeratorState(
                position != null, snapshot, state.pendingSplits().size());
    }

    private static Long snapshotId(Object position) throws IOException {
        try {
            var snapshotId = position.getClass().getDeclaredMethod("snapshotId");
            snapshotId.setAccessible(true);
            return (Long) snapshotId.invoke(position);
        } catch (ReflectiveOperationException other) {
            throw new IOException("a position of another version of Iceberg: " + other);
        }
    }
}
