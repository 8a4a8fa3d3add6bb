package io.pipectl.job;

import java.io.DataInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;

/**
 * How far a job has read the Iceberg table that it follows, from one of its checkpoints or savepoints. Only the job
 * itself knows that, and snapshots that it has not read must not expire.
 *
 * <p>Argument: {@code checkpoint} (the URI of its folder). If it was deleted because the job has completed another
 * one, the newest checkpoint beside it is read; {@code number} says which. State that is not understood is an error,
 * never a guess, because snapshots expire by the answer.
 */
final class Position {
    /** The name under which Flink's SourceOperator stores the splits of its reader. */
    private static final String SPLITS = "SourceReaderState";

    private Position() {}

    /**
     * A job that completes a checkpoint every half second deletes them as fast, so a checkpoint that was just
     * listed may be deleted already.
     */
    private static final int LOOKS = 20;

    static Map<String, Object> run(Map<String, String> options) throws IOException {
        String checkpoint = Operations.required(options, "checkpoint");
        CheckpointMetadata metadata = newest(checkpoint);
        OperatorState source = null;
        EnumeratorState found = null;
        for (OperatorState operator : metadata.getOperatorStates()) {
            if (operator.getCoordinatorState() == null) continue;
            EnumeratorState enumerator = enumerator(operator, checkpoint);
            if (!enumerator.continuous()) continue;
            if (found != null) {
                throw new IllegalStateException(checkpoint + " has two sources that follow an Iceberg table");
            }
            source = operator;
            found = enumerator;
        }
        if (found == null) {
            throw new IllegalStateException(
                    checkpoint + " has no source that follows an Iceberg table and has looked at it");
        }
        var result = new LinkedHashMap<String, Object>();
        // As text: ids are larger than the integers that JavaScript can represent.
        result.put(
                "snapshot", found.snapshot() == null ? null : found.snapshot().toString());
        result.put("splits", found.pending() + assigned(source, checkpoint));
        result.put("number", metadata.getCheckpointId());
        return result;
    }

    private static CheckpointMetadata newest(String checkpoint) throws IOException {
        String at = checkpoint;
        for (int look = 1; ; look++) {
            try {
                return load(at);
            } catch (FileNotFoundException gone) {
                Path next = newestBeside(new Path(checkpoint));
                if (next == null || look == LOOKS) throw gone;
                at = next.toString();
            }
        }
    }

    /** By number; null if there is none, as beside a savepoint. */
    private static Path newestBeside(Path checkpoint) throws IOException {
        var siblings = checkpoint.getFileSystem().listStatus(checkpoint.getParent());
        if (siblings == null) return null;
        return Stream.of(siblings)
                .map(FileStatus::getPath)
                .filter(path -> path.getName().matches("chk-\\d+"))
                .filter(Position::isComplete)
                .max(Comparator.comparingLong(
                        path -> Long.parseLong(path.getName().substring(4))))
                .orElse(null);
    }

    private static boolean isComplete(Path checkpoint) {
        try {
            return checkpoint.getFileSystem().exists(new Path(checkpoint, "_metadata"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static CheckpointMetadata load(String checkpoint) throws IOException {
        Path file = new Path(checkpoint, "_metadata");
        try (var in = new DataInputStream(file.getFileSystem().open(file))) {
            return Checkpoints.loadCheckpointMetadata(in, Position.class.getClassLoader(), checkpoint);
        }
    }

    private static EnumeratorState enumerator(OperatorState operator, String checkpoint) {
        try {
            return EnumeratorState.of(operator.getCoordinatorState().getData());
        } catch (IOException | RuntimeException other) {
            throw new IllegalStateException(checkpoint + ": the coordinator of operator " + operator.getOperatorID()
                    + operator.getOperatorName().map(name -> " (" + name + ")").orElse("")
                    + " is no Iceberg source as we know it: " + Failure.message(other));
        }
    }

    private static int assigned(OperatorState source, String checkpoint) {
        int splits = 0;
        for (OperatorSubtaskState subtask : source.getStates()) {
            for (var handle : subtask.getManagedOperatorState()) {
                var states = handle.getStateNameToPartitionOffsets();
                if (!states.containsKey(SPLITS)) {
                    throw new IllegalStateException(checkpoint + ": a source's reader has " + states.keySet()
                            + " instead of " + SPLITS + ": another version of Flink?");
                }
                splits += states.get(SPLITS).getOffsets().length;
            }
        }
        return splits;
    }
}
