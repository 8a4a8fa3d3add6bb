package io.pipectl.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a snapshot on, all of main's history at the time of the commit is kept. */
class KeepFromTest {
    @TempDir
    Path temp;

    private MaintenanceLake lake;
    private Table table;
    private final List<Long> history = new ArrayList<>();

    @BeforeEach
    void create() throws Exception {
        lake = new MaintenanceLake(temp);
        table = lake.table("stops");
        for (int i = 0; i < 6; i++)
            history.add(MaintenanceLake.append(table, "a").snapshotId());
    }

    private Map<String, Object> expire(Object keepFrom, int retainLast, boolean dryRun) {
        return Expiry.run(
                table,
                MaintenanceLake.options(
                        "older-than", soon(), "retain-last", retainLast, "keep-from", keepFrom, "dry-run", dryRun));
    }

    private static long soon() {
        return System.currentTimeMillis() + 1000;
    }

    private List<Long> snapshots() {
        table.refresh();
        var ids = new ArrayList<Long>();
        for (Snapshot snapshot : table.snapshots()) ids.add(snapshot.snapshotId());
        return ids;
    }

    @Test
    void olderThanTheLastThatStay() {
        assertEquals(4, expire(history.get(2), 2, true).get("snapshotsAfter"));
        assertEquals(history, snapshots());
        expire(history.get(2), 2, false);
        assertEquals(history.subList(2, 6), snapshots());
        expire(history.get(5), 1, false);
        assertEquals(history.subList(5, 6), snapshots());
    }

    @Test
    void youngerThanTheLastThatStay() {
        expire(history.get(4), 3, false);
        assertEquals(history.subList(3, 6), snapshots());
    }

    @Test
    void allOfIt() throws Exception {
        var before = new ArrayList<>(history);
        // A snapshot that a branch has abandoned is not part of main's history.
        table.manageSnapshots().createBranch("side").commit();
        table.newFastAppend()
                .appendFile(MaintenanceLake.file(table, "b"))
                .toBranch("side")
                .commit();
        table.manageSnapshots().removeBranch("side").commit();
        assertEquals(7, snapshots().size());
        expire("all", 1, false);
        assertEquals(before, snapshots());
        assertEquals(1, expire("", 1, false).get("snapshotsAfter"));
        table = lake.table("empty");
        assertEquals(0, expire("all", 1, false).get("snapshotsAfter"));
    }

    @Test
    void aSettingOfMainMakesItNoLess() throws Exception {
        table.manageSnapshots()
                .setMinSnapshotsToKeep("main", 1)
                .setMaxSnapshotAgeMs("main", 1)
                .commit();
        Thread.sleep(5);
        expire(history.get(2), 1, false);
        assertEquals(history.subList(2, 6), snapshots());
        assertEquals(1, table.refs().get("main").minSnapshotsToKeep());
        table.manageSnapshots().setMinSnapshotsToKeep("main", 3).commit();
        expire(history.get(5), 1, false);
        assertEquals(history.subList(3, 6), snapshots());
    }

    @Test
    void anotherBranchKeepsAsBefore() throws Exception {
        table.manageSnapshots().createBranch("side", history.get(5)).commit();
        for (int i = 0; i < 3; i++) {
            table.newFastAppend()
                    .appendFile(MaintenanceLake.file(table, "b"))
                    .toBranch("side")
                    .commit();
        }
        expire(history.get(4), 1, false);
        assertEquals(3, snapshots().size());
        assertEquals(history.subList(4, 6), snapshots().subList(0, 2));
        assertEquals(table.snapshot("side").snapshotId(), snapshots().get(2));
    }

    /** A stream commits after the expiry has looked: then main has more snapshots than were counted. */
    @Test
    void commitsMeanwhileAreCountedAnew() throws Exception {
        var conflicts = new ArrayList<Integer>();
        expireWith(history.get(2), conflicts, () -> {
            for (int i = 0; i < 3; i++)
                history.add(MaintenanceLake.append(lake.again("stops"), "b").snapshotId());
        });
        assertEquals(1, conflicts.size());
        assertEquals(history.subList(2, 9), snapshots());
    }

    @Test
    void gonePartOfTheHistoryMeanwhile() throws Exception {
        var conflicts = new ArrayList<Integer>();
        long latest = history.get(5);
        var error = assertThrows(
                IllegalStateException.class,
                () -> expireWith(
                        latest,
                        conflicts,
                        () -> lake.again("stops")
                                .manageSnapshots()
                                .rollbackTo(history.get(3))
                                .commit()));
        assertEquals(1, conflicts.size());
        assertEquals(
                "keep-from " + latest + ": that snapshot is not in the history of the current one of the table at "
                        + table.location() + ", and nothing was expired",
                error.getMessage());
        assertEquals(history, snapshots());
    }

    @Test
    void whatIsNotInTheHistory() throws Exception {
        table.manageSnapshots().createBranch("side").commit();
        table.newFastAppend()
                .appendFile(MaintenanceLake.file(table, "b"))
                .toBranch("side")
                .commit();
        table.refresh();
        var before = snapshots();
        for (long other : List.of(1L, table.snapshot("side").snapshotId())) {
            for (boolean dryRun : List.of(true, false)) {
                assertThrows(IllegalStateException.class, () -> expire(other, 1, dryRun));
            }
        }
        assertEquals(before, snapshots());
        table = lake.table("empty");
        assertThrows(IllegalStateException.class, () -> expire(1L, 1, false));
    }

    private interface Change {
        void run() throws Exception;
    }

    /** Like {@link Expiry}, with a change by another process right before the first attempt to commit. */
    private void expireWith(long keepFrom, List<Integer> conflicts, Change meanwhile) {
        var operations = ((HasTableOperations) table).operations();
        var disturbed = (TableOperations) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {TableOperations.class}, (proxy, method, args) -> {
                    if (method.getName().equals("commit") && conflicts.isEmpty()) {
                        conflicts.add(((TableMetadata) args[0]).snapshots().size());
                        meanwhile.run();
                    }
                    try {
                        return method.invoke(operations, args);
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                });
        var bounded = new BoundedExpiry(disturbed, soon(), 1, KeepFrom.of(String.valueOf(keepFrom)), false);
        new BaseTable(bounded, "stops")
                .expireSnapshots()
                .expireOlderThan(soon())
                .retainLast(1)
                .cleanExpiredFiles(false)
                .commit();
    }
}
