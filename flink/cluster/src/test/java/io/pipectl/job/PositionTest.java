package io.pipectl.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.FullyFinishedOperatorState;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.flink.source.enumerator.IcebergEnumeratorState;
import org.apache.iceberg.flink.source.enumerator.IcebergEnumeratorStateSerializer;
import org.apache.iceberg.flink.source.split.IcebergSourceSplit;
import org.apache.iceberg.flink.source.split.IcebergSourceSplitState;
import org.apache.iceberg.flink.source.split.IcebergSourceSplitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The position in a checkpoint; state that is not understood is an error. */
class PositionTest {
    private static final String READER = "SourceReaderState";

    @TempDir
    Path temp;

    @Test
    void theOneThatFollows() throws Exception {
        var known = operator(coordinator(null, 1), READER, 7);
        var followed = operator(coordinator(position(5_000_000_000_000_000_042L), 2), READER, 3, 0, 1);
        var noSource = operator(null, "files-committer-state", 1);
        var expected = Map.of("snapshot", "5000000000000000042", "splits", 6, "number", 7L);
        assertEquals(expected, read(known, followed, noSource));
        assertEquals(expected, read(followed, new FullyFinishedOperatorState("known", null, new OperatorID(), 1, 1)));
    }

    @Test
    void aReaderThatHasEnded() throws Exception {
        var followed = operator(coordinator(position(1), 2), READER, 4);
        followed.putState(1, OperatorSubtaskState.builder().build());
        assertEquals(Map.of("snapshot", "1", "splits", 6, "number", 7L), read(followed));
    }

    @Test
    void anEmptyTable() throws Exception {
        var result = read(operator(coordinator(empty(), 0), READER, 0));
        assertTrue(result.containsKey("snapshot"));
        assertEquals("{\"snapshot\":null,\"splits\":0,\"number\":7}", Operations.json(result));
    }

    @Test
    void noneOrTwoThatFollow() throws Exception {
        var known = operator(coordinator(null, 1), READER, 7);
        assertEquals(folder() + " has no source that follows an Iceberg table and has looked at it", refused(known));
        var followed = operator(coordinator(position(1), 0), READER, 0);
        var another = operator(coordinator(position(1), 0), READER, 0);
        assertEquals(folder() + " has two sources that follow an Iceberg table", refused(followed, another));
    }

    @Test
    void whatIsNotUnderstood() throws Exception {
        byte[] good = coordinator(position(1), 1);
        var followed = operator(good, READER, 0);
        assertNotUnderstood(followed, changed(good, 3, 2), "IOException: version 2 of a coordinator");
        assertNotUnderstood(followed, changed(good, 7, 9), "IOException: Unknown version: 9");
        assertNotUnderstood(
                followed,
                changed(good, 11, good[11] + 1),
                "IOException: " + (good.length - 11) + " bytes of state expected, " + (good.length - 12) + " there");
        assertNotUnderstood(followed, new byte[3], "EOFException");
        var reader = operator(good, "ReaderState", 0);
        assertEquals(
                folder() + ": a source's reader has [ReaderState] instead of SourceReaderState:"
                        + " another version of Flink?",
                refused(reader));
    }

    private void assertNotUnderstood(OperatorState followed, byte[] other, String why) throws Exception {
        var operator = operator(other, READER, 0);
        assertEquals(
                folder() + ": the coordinator of operator " + operator.getOperatorID()
                        + " (Source: trips) is no Iceberg source as we know it: " + why,
                refused(followed, operator));
    }

    @Test
    void noCheckpointThere() {
        assertThrows(FileNotFoundException.class, () -> Position.run(MaintenanceLake.options("checkpoint", folder())));
        assertEquals(
                "checkpoint is missing",
                assertThrows(IllegalArgumentException.class, () -> Position.run(Map.of()))
                        .getMessage());
    }

    @Test
    void oneThatIsGoneAndTheNewestBesideIt() throws Exception {
        read(operator(coordinator(position(1), 0), READER, 0));
        Files.move(temp.resolve("chk 7 ü"), temp.resolve("chk-10"));
        Files.createDirectories(temp.resolve("chk-11"));
        read(operator(coordinator(position(2), 0), READER, 0));
        Files.move(temp.resolve("chk 7 ü"), temp.resolve("chk-9"));
        var result = Position.run(MaintenanceLake.options("checkpoint", "file:" + temp.resolve("chk-5")));
        assertEquals("1", result.get("snapshot"), "10 is newer than 9, and 11 was never completed");
    }

    private String folder() {
        return "file:" + temp.resolve("chk 7 ü");
    }

    private Map<String, Object> read(OperatorState... operators) throws Exception {
        Path folder = Files.createDirectories(temp.resolve("chk 7 ü"));
        try (var out = Files.newOutputStream(folder.resolve("_metadata"))) {
            Checkpoints.storeCheckpointMetadata(new CheckpointMetadata(7, List.of(operators), List.of()), out);
        }
        return Position.run(MaintenanceLake.options("checkpoint", folder()));
    }

    private String refused(OperatorState... operators) {
        return assertThrows(IllegalStateException.class, () -> read(operators)).getMessage();
    }

    /** An operator whose tasks each have this many elements of one operator state. */
    private static OperatorState operator(byte[] coordinator, String state, int... elements) {
        var operator = new OperatorState("Source: trips", null, new OperatorID(), elements.length + 1, 128);
        if (coordinator != null) operator.setCoordinatorState(new ByteStreamStateHandle("coordinator", coordinator));
        for (int task = 0; task < elements.length; task++) {
            var offsets = new OperatorStateHandle.StateMetaInfo(
                    new long[elements[task]], OperatorStateHandle.Mode.SPLIT_DISTRIBUTE);
            operator.putState(
                    task,
                    OperatorSubtaskState.builder()
                            .setManagedOperatorState(new OperatorStreamStateHandle(
                                    Map.of(state, offsets),
                                    new ByteStreamStateHandle("task" + task, new byte[elements[task]])))
                            .build());
        }
        return operator;
    }

    private static byte[] changed(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }

    /** In the format of Flink's SourceCoordinator. */
    private byte[] coordinator(Object position, int pending) throws Exception {
        var serializer = new IcebergEnumeratorStateSerializer(false);
        byte[] state = serializer.serialize(state(position, pending));
        var out = new DataOutputSerializer(64);
        out.writeInt(1);
        out.writeInt(serializer.getVersion());
        out.writeInt(state.length);
        out.write(state);
        return out.getCopyOfBuffer();
    }

    private IcebergEnumeratorState state(Object position, int pending) throws Exception {
        Collection<IcebergSourceSplitState> splits = pending == 0 ? List.of() : splits(pending);
        for (var constructor : IcebergEnumeratorState.class.getConstructors()) {
            if (constructor.getParameterCount() != 2) continue;
            return (IcebergEnumeratorState) constructor.newInstance(position, splits);
        }
        throw new AssertionError("another version of Iceberg");
    }

    private List<IcebergSourceSplitState> splits(int count) throws Exception {
        Table table = new MaintenanceLake(Files.createTempDirectory(temp, "lake")).table("stops");
        table.updateProperties()
                .set(TableProperties.SPLIT_OPEN_FILE_COST, "134217728")
                .commit();
        for (int i = 0; i < count; i++) MaintenanceLake.append(table, "ü");
        var splits = new ArrayList<IcebergSourceSplitState>();
        try (var tasks = table.newScan().planTasks()) {
            for (var task : tasks) {
                splits.add(new IcebergSourceSplitState(
                        IcebergSourceSplit.fromCombinedScanTask(task), IcebergSourceSplitStatus.UNASSIGNED));
            }
        }
        assertEquals(count, splits.size());
        return splits;
    }

    private static Object position(long snapshot) throws Exception {
        var of = positionClass().getDeclaredMethod("of", long.class, Long.class);
        of.setAccessible(true);
        return of.invoke(null, snapshot, 1L);
    }

    private static Object empty() throws Exception {
        var empty = positionClass().getDeclaredMethod("empty");
        empty.setAccessible(true);
        return empty.invoke(null);
    }

    private static Class<?> positionClass() throws Exception {
        return IcebergEnumeratorState.class.getMethod("lastEnumeratedPosition").getReturnType();
    }
}
