package io.pipectl.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The number of small manifests decreases, and the table's contents stay the same. */
class MaintenanceManifestsTest {
    @TempDir
    Path temp;

    private Table table;

    @BeforeEach
    void create() {
        table = new MaintenanceLake(temp).table("stops");
    }

    private Map<String, Object> rewrite(boolean dryRun) {
        return ManifestRewrite.run(table, MaintenanceLake.options("dry-run", dryRun));
    }

    private static Map<String, Object> counts(int before, int after) {
        return Map.of("manifestsBefore", before, "manifestsAfter", after);
    }

    private Set<String> entries() throws Exception {
        table.refresh();
        var entries = new TreeSet<String>();
        try (var tasks = table.newScan().planFiles()) {
            for (var task : tasks) {
                var file = task.file();
                entries.add(file.location() + " " + file.partition() + " " + file.dataSequenceNumber() + " "
                        + task.deletes().size());
            }
        }
        return entries;
    }

    @Test
    void fewerAndTheSame() throws Exception {
        for (int i = 0; i < 30; i++) MaintenanceLake.append(table, "k" + i % 7, null);
        table.newRowDelta().addDeletes(MaintenanceLake.deletes(table, "k1")).commit();
        table.newDelete().deleteFromRowFilter(Expressions.equal("kind", "k2")).commit();
        var entries = entries();
        int before = table.currentSnapshot().allManifests(table.io()).size();
        String version = MaintenanceLake.version(table);

        assertEquals(counts(before, 2), rewrite(true));
        assertEquals(version, MaintenanceLake.version(table));
        assertEquals(counts(before, 2), rewrite(false));
        assertEquals(entries, entries());
        assertEquals("replace", table.currentSnapshot().operation());

        version = MaintenanceLake.version(table);
        assertEquals(counts(2, 2), rewrite(false));
        assertEquals(version, MaintenanceLake.version(table), "nothing to gain is no commit");
    }

    @Test
    void aRangeOfPartitionsEach() throws Exception {
        for (int i = 0; i < 40; i++) MaintenanceLake.append(table, "k" + i % 10 + i / 10, "k" + (9 - i % 10) + i / 10);
        var entries = entries();
        long bytes = table.currentSnapshot().allManifests(table.io()).stream()
                .mapToLong(ManifestFile::length)
                .sum();
        table.updateProperties()
                .set("commit.manifest.target-size-bytes", String.valueOf(bytes / 4 + 1))
                .commit();
        assertEquals(counts(40, 4), rewrite(false));
        assertEquals(entries, entries());

        String last = "";
        var ranges = new TreeSet<String>();
        for (var manifest : table.currentSnapshot().dataManifests(table.io())) {
            var kinds = new TreeSet<String>();
            try (var files = ManifestFiles.read(manifest, table.io(), table.specs())) {
                for (var file : files) kinds.add(file.partition().get(0, String.class));
            }
            ranges.add(kinds.first() + " " + kinds.last());
        }
        for (String range : ranges) {
            assertTrue(last.compareTo(range.split(" ")[0]) < 0, ranges + " do not overlap");
            last = range.split(" ")[1];
        }
    }

    @Test
    void specificationsStayApart() throws Exception {
        for (int i = 0; i < 5; i++) MaintenanceLake.append(table, "a");
        table.updateSpec().removeField("kind").commit();
        for (int i = 0; i < 5; i++) MaintenanceLake.append(table, "a");
        var entries = entries();
        assertEquals(counts(10, 2), rewrite(false));
        assertEquals(entries, entries());
    }

    @Test
    void anEmptyTable() {
        assertEquals(counts(0, 0), rewrite(false));
    }
}
