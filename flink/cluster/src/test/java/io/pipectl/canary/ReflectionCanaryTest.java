package io.pipectl.canary;

import java.util.Arrays;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.iceberg.flink.TableLoader;
import org.apache.iceberg.flink.maintenance.api.MaintenanceTaskBuilder;
import org.apache.iceberg.flink.source.enumerator.IcebergEnumeratorState;
import org.junit.jupiter.api.Test;

/** Methods that are not public in Iceberg, and that pipectl's jobs call by reflection. */
class ReflectionCanaryTest {

    @Test
    void aMaintenanceTaskRunsOnce() {
        var canary = new Canary(
                "flink/cluster/src/main/java/io/pipectl/job/Compact.java",
                "the method append of MaintenanceTaskBuilder (trigger, table, task, its index, loader, uid suffix, slot sharing"
                        + " group, parallelism), or a public way to run RewriteDataFiles once");
        var types = new Class<?>[] {
            DataStream.class,
            String.class,
            String.class,
            int.class,
            TableLoader.class,
            String.class,
            String.class,
            int.class
        };
        var found = Arrays.stream(MaintenanceTaskBuilder.class.getDeclaredMethods())
                .filter(method -> method.getName().equals("append"))
                .filter(method -> Arrays.equals(method.getParameterTypes(), types))
                .filter(method -> method.getReturnType() == DataStream.class)
                .count();
        canary.same(1L, found);
    }

    @Test
    void aPositionHasASnapshot() throws Exception {
        var canary = new Canary(
                "flink/cluster/src/main/java/io/pipectl/job/EnumeratorState.java",
                "how IcebergEnumeratorPosition gives the id of the last snapshot that was enumerated");
        var position =
                IcebergEnumeratorState.class.getMethod("lastEnumeratedPosition").getReturnType();
        var found = Arrays.stream(position.getDeclaredMethods())
                .filter(method -> method.getName().equals("snapshotId") && method.getParameterCount() == 0)
                .filter(method -> method.getReturnType() == Long.class)
                .count();
        canary.same(1L, found);
    }
}
