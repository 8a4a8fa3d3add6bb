package io.pipectl.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.util.SnapshotUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an expiry keeps and deletes, and that no setting of the table makes it keep less. */
class MaintenanceExpiryTest {
    @TempDir
    Path temp;

    private MaintenanceLake lake;
    private Table table;

    @BeforeEach
    void create() {
        lake = new MaintenanceLake(temp);
        table = lake.table("stops");
    }

    private Map<String, Object> expire(long olderThan, int retainLast, boolean dryRun) {
        return Expiry.run(
                table, MaintenanceLake.options("older-than", olderThan, "retain-last", retainLast, "dry-run", dryRun));
    }

    private static long soon() {
        return System.currentTimeMillis() + 1000;
    }

    private int snapshots() {
        table.refresh();
        return (int) table.snapshots().spliterator().getExactSizeIfKnown();
    }

    @Test
    void keepsTheLastAndDeletesExactlyWhatNoSnapshotNames() throws Exception {
        for (int i = 0; i < 6; i++) MaintenanceLake.append(table, "a b", "ü=%25/x");
        var rewritten = MaintenanceLake.file(table, "a b");
        table.newRewrite()
                .validateFromSnapshot(table.currentSnapshot().snapshotId())
                .rewriteFiles(dataFiles("a b"), Set.of(rewritten))
                .commit();
        assertEquals(7, snapshots());

        var result = expire(soon(), 2, false);
        assertEquals(7, result.get("snapshotsBefore"));
        assertEquals(2, result.get("snapshotsAfter"));
        assertEquals(2, snapshots());
        MaintenanceLake.assertExact(table);
        // The last two snapshots need all data files, so only five manifest lists were deleted.
        assertEquals(
                Map.of("data", 0, "deletes", 0, "manifests", 0, "manifestLists", 5, "statistics", 0),
                result.get("files"));

        result = expire(soon(), 1, false);
        assertEquals(1, snapshots());
        MaintenanceLake.assertExact(table);
        var files = (Map<?, ?>) result.get("files");
        assertEquals(6, files.get("data"));
        assertEquals(1, files.get("manifestLists"));
        assertEquals(6, files.get("manifests"), "those that the rewrite has replaced");
        assertEquals(0, result.get("undeleted"));
        assertTrue(Operations.json(result).startsWith("{\"snapshotsBefore\":2,\"snapshotsAfter\":1,\"expired\":[\""));
    }

    private Set<DataFile> dataFiles(String kind) throws Exception {
        var files = new java.util.HashSet<DataFile>();
        try (var tasks = table.newScan().planFiles()) {
            for (var task : tasks)
                if (kind.equals(task.file().partition().get(0, String.class))) files.add(task.file());
        }
        return files;
    }

    @Test
    void countsDeleteFiles() throws Exception {
        MaintenanceLake.append(table, "a");
        table.newRowDelta().addDeletes(MaintenanceLake.deletes(table, "a")).commit();
        table.newDelete().deleteFromRowFilter(Expressions.alwaysTrue()).commit();
        var files = (Map<?, ?>) expire(soon(), 1, false).get("files");
        assertEquals(1, files.get("data"));
        assertEquals(1, files.get("deletes"));
        MaintenanceLake.assertExact(table);
    }

    @Test
    void theAgeKeepsToo() throws Exception {
        MaintenanceLake.append(table, "a");
        Thread.sleep(5);
        long between = System.currentTimeMillis();
        Thread.sleep(5);
        for (int i = 0; i < 3; i++) MaintenanceLake.append(table, "a");
        assertEquals(3, expire(between, 1, false).get("snapshotsAfter"));
        assertEquals(3, expire(between, 3, false).get("snapshotsAfter"));
    }

    @Test
    void aDryRunChangesNothing() throws Exception {
        for (int i = 0; i < 4; i++) MaintenanceLake.append(table, "a");
        Snapshot oldest = SnapshotUtil.oldestAncestor(table);
        var disk = MaintenanceLake.onDisk(temp);
        String version = MaintenanceLake.version(table);
        var result = expire(soon(), 1, true);
        assertEquals(4, result.get("snapshotsBefore"));
        assertEquals(1, result.get("snapshotsAfter"));
        assertNull(result.get("files"));
        assertTrue(((List<?>) result.get("expired")).contains(String.valueOf(oldest.snapshotId())));
        assertEquals(disk, MaintenanceLake.onDisk(temp));
        assertEquals(version, MaintenanceLake.version(table));
    }

    @Test
    void nothingToDoIsNoCommit() throws Exception {
        MaintenanceLake.append(table, "a");
        String version = MaintenanceLake.version(table);
        assertEquals(1, expire(soon(), 5, false).get("snapshotsAfter"));
        assertEquals(version, MaintenanceLake.version(table));
        table = lake.table("empty");
        assertEquals(0, expire(soon(), 1, false).get("snapshotsAfter"));
    }

    @Test
    void tagsAndBranchesKeepWhatTheyName() throws Exception {
        long tagged = MaintenanceLake.append(table, "a").snapshotId();
        table.manageSnapshots().createTag("audit", tagged).commit();
        MaintenanceLake.append(table, "b");
        table.manageSnapshots().createBranch("backfill").commit();
        table.newFastAppend()
                .appendFile(MaintenanceLake.file(table, "c"))
                .toBranch("backfill")
                .commit();
        for (int i = 0; i < 4; i++) MaintenanceLake.append(table, "d");
        long head = table.snapshot("backfill").snapshotId();
        expire(soon(), 1, false);
        assertEquals(3, snapshots());
        assertNotNull(table.snapshot(tagged));
        assertNotNull(table.snapshot(head));
        assertEquals(Set.of("main", "audit", "backfill"), table.refs().keySet());
        MaintenanceLake.assertExact(table);
    }

    @Test
    void noSettingOfTheTableMakesItKeepLess() throws Exception {
        long first = MaintenanceLake.append(table, "a").snapshotId();
        table.manageSnapshots().createTag("audit", first).commit();
        for (int i = 0; i < 5; i++) MaintenanceLake.append(table, "a");
        table.updateProperties()
                .set("history.expire.max-snapshot-age-ms", "1")
                .set("history.expire.min-snapshots-to-keep", "1")
                .set("history.expire.max-ref-age-ms", "1")
                .commit();
        table.manageSnapshots()
                .setMinSnapshotsToKeep("main", 1)
                .setMaxSnapshotAgeMs("main", 1)
                .commit();
        Thread.sleep(20);
        var result = expire(soon(), 3, false);
        assertEquals(4, snapshots());
        assertEquals(List.of(), result.get("refs"));
        assertEquals(first, table.snapshot("audit").snapshotId());
        // The settings themselves are unchanged.
        assertEquals("1", table.properties().get("history.expire.max-ref-age-ms"));
        assertEquals(1, table.refs().get("main").minSnapshotsToKeep());
        assertEquals(4, expire(0, 1, false).get("snapshotsAfter"));

        table.manageSnapshots().setMaxRefAgeMs("audit", 1).commit();
        assertEquals(List.of("audit"), expire(soon(), 3, true).get("refs"));
        assertEquals(List.of("audit"), expire(soon(), 3, false).get("refs"));
        assertFalse(table.refs().containsKey("audit"));
        MaintenanceLake.assertExact(table);
    }

    @Test
    void aConflictIsRetried() throws Exception {
        for (int i = 0; i < 4; i++) MaintenanceLake.append(table, "a");
        var operations = ((HasTableOperations) table).operations();
        var bounded = new BoundedExpiry(operations, soon(), 1, KeepFrom.of(""), false);
        var expiry = new BaseTable(bounded, "stops")
                .expireSnapshots()
                .expireOlderThan(soon())
                .retainLast(1)
                .cleanExpiredFiles(false);
        // A commit that the expiry has not seen: its first attempt starts from the metadata that it has
        // loaded.
        var stale = bounded.current();
        MaintenanceLake.append(lake.again("stops"), "b");
        assertThrows(
                CommitFailedException.class,
                () -> bounded.commit(
                        stale,
                        stale.removeSnapshotsIf(
                                s -> s.snapshotId() != table.currentSnapshot().snapshotId())));
        expiry.commit();
        assertEquals(5, bounded.base().snapshots().size());
        assertEquals(1, snapshots());
    }

    @Test
    void aTagThatWasSetMeanwhileComesFirst() throws Exception {
        for (int i = 0; i < 4; i++) MaintenanceLake.append(table, "a");
        long first = table.snapshots().iterator().next().snapshotId();
        var bounded = new BoundedExpiry(((HasTableOperations) table).operations(), soon(), 1, KeepFrom.of(""), false);
        var stale = bounded.current();
        lake.again("stops").manageSnapshots().createTag("kept", first).commit();
        var error = assertThrows(
                CommitFailedException.class,
                () -> bounded.commit(stale, stale.removeSnapshotsIf(s -> s.snapshotId() == first)));
        assertEquals("kept was set to snapshot " + first + " meanwhile", error.getMessage());
    }

    @Test
    void aSnapshotThatCannotBeReadStopsTheDeletes() throws Exception {
        for (int i = 0; i < 4; i++) MaintenanceLake.append(table, "a");
        table.io().deleteFile(table.currentSnapshot().manifestListLocation());
        var before = MaintenanceLake.onDisk(MaintenanceLake.folder(table).resolve("data"));
        var error = assertThrows(RuntimeException.class, () -> expire(soon(), 2, false));
        assertFalse(error.getMessage().contains("\n"), error.getMessage());
        assertEquals(
                before, MaintenanceLake.onDisk(MaintenanceLake.folder(table).resolve("data")));
    }

    @Test
    void statisticsGoWithTheirSnapshot() throws Exception {
        for (int i = 0; i < 3; i++) {
            MaintenanceLake.append(table, "a");
            long snapshot = table.currentSnapshot().snapshotId();
            String path = table.location() + "/metadata/" + snapshot + ".stats";
            try (var out = table.io().newOutputFile(path).create()) {
                out.write(1);
            }
            table.updateStatistics()
                    .setStatistics(new GenericStatisticsFile(snapshot, path, 1, 1, List.of()))
                    .commit();
            table.refresh();
        }
        assertEquals(0, ((Map<?, ?>) expire(soon(), 3, false).get("files")).get("statistics"));
        assertEquals(2, ((Map<?, ?>) expire(soon(), 1, false).get("files")).get("statistics"));
        table.refresh();
        assertEquals(1, table.statisticsFiles().size());
        assertTrue(
                table.io().newInputFile(table.statisticsFiles().get(0).path()).exists());
        MaintenanceLake.age(temp);
        Orphans.run(table, MaintenanceLake.options("older-than", soon(), "dry-run", false));
        assertTrue(
                table.io().newInputFile(table.statisticsFiles().get(0).path()).exists());
    }

    @Test
    void aBrokenSnapshotCanBeExpired() throws Exception {
        for (int i = 0; i < 4; i++) MaintenanceLake.append(table, "a");
        table.io().deleteFile(SnapshotUtil.oldestAncestor(table).manifestListLocation());
        assertEquals(2, expire(soon(), 2, false).get("snapshotsAfter"));
        MaintenanceLake.assertExact(table);
    }

    @Test
    void argumentsAreChecked() {
        assertEquals("older-than is missing", message("dry-run", "true"));
        assertEquals("older-than 7d: a whole number is needed", message("older-than", "7d"));
        assertEquals(
                "dry-run no: true or false is needed", message("older-than", "1", "retain-last", "1", "dry-run", "no"));
        assertEquals(
                "keep-from main: a snapshot's id or all is needed",
                message("older-than", "1", "retain-last", "1", "dry-run", "true", "keep-from", "main"));
    }

    private String message(Object... pairs) {
        return assertThrows(IllegalArgumentException.class, () -> Expiry.run(table, MaintenanceLake.options(pairs)))
                .getMessage();
    }
}
