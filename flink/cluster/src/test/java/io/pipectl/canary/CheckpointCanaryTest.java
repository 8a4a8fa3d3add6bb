package io.pipectl.canary;

import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.runtime.checkpoint.CheckpointFailureReason;
import org.apache.flink.runtime.source.coordinator.SourceCoordinatorSerdeUtils;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;
import org.apache.flink.streaming.api.operators.SourceOperator;
import org.junit.jupiter.api.Test;

/** Names and formats of the state in a checkpoint. PositionOfJobTest reads the checkpoint of a real job. */
class CheckpointCanaryTest {
    private static final String POSITION = "flink/cluster/src/main/java/io/pipectl/job/Position.java";

    @Test
    void filesOfACheckpoint() {
        var canary = new Canary(
                POSITION + ", src/runtime/checkpoints.ts and both runtimes that list checkpoints",
                "CHECKPOINT_DIR_PREFIX and METADATA_FILE_NAME of AbstractFsCheckpointStorageAccess");
        var access = AbstractFsCheckpointStorageAccess.class;
        canary.same("chk-", canary.constant(access, "CHECKPOINT_DIR_PREFIX"));
        canary.same("_metadata", canary.constant(access, "METADATA_FILE_NAME"));
    }

    @Test
    void splitsThatAReaderHasInHand() {
        var canary = new Canary(POSITION, "the name of SourceOperator.SPLITS_STATE_DESC");
        var state = (StateDescriptor<?, ?>) canary.constant(SourceOperator.class, "SPLITS_STATE_DESC");
        canary.same("SourceReaderState", state.getName());
    }

    @Test
    void stateOfACoordinator() {
        var canary = new Canary(
                "flink/cluster/src/main/java/io/pipectl/job/EnumeratorState.java",
                "what SourceCoordinator.toBytes writes: its version, the serializer's, the length and the enumerator's bytes");
        canary.same(
                SourceCoordinatorSerdeUtils.VERSION_1,
                canary.constant(SourceCoordinatorSerdeUtils.class, "CURRENT_VERSION"));
    }

    @Test
    void aSavepointThatComesTooEarly() {
        var canary = new Canary(
                "src/flink/rest.ts (stopWithSavepoint, which tries again)",
                "the text of CheckpointFailureReason.NOT_ALL_REQUIRED_TASKS_RUNNING");
        canary.same(
                "Not all required tasks are currently running.",
                CheckpointFailureReason.NOT_ALL_REQUIRED_TASKS_RUNNING.message());
    }
}
