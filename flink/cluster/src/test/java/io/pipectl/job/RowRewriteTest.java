package io.pipectl.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows go, the others stay, and files that are not concerned are not touched. */
class RowRewriteTest {
    @TempDir
    Path temp;

    private RowLake lake;

    @BeforeEach
    void create() {
        lake = new RowLake(temp);
    }

    private Map<String, Object> drop(String drop, String once) throws Exception {
        return RowRewrite.withoutRows(lake.table, lake.from("drop", drop, "once", once));
    }

    private List<String> files() throws Exception {
        lake.table.refresh();
        var files = new ArrayList<String>();
        try (var tasks = lake.table.newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file().location()));
        }
        return files;
    }

    @Test
    void everyCopyOfARow() throws Exception {
        lake.append(0, 0, 3, "a");
        lake.append(0, 2, 2, "again");
        var other = lake.append(1, 2, 3, "b");
        assertEquals(Map.of("rows", 2L, "files", 2), drop("0/0/2-2", ""));
        assertEquals(List.of("0/0=a", "0/1=a", "0/3=a", "1/2=b", "1/3=b"), lake.rows());
        assertTrue(files().contains(other.location()), "a file of another partition stays as it is");
    }

    @Test
    void allCopiesButTheOldest() throws Exception {
        lake.append(0, 0, 3, "a");
        lake.append(0, 1, 2, "again");
        lake.append(0, 2, 2, "and again");
        assertEquals(Map.of("rows", 3L, "files", 2), drop("", "0/0/1-2"));
        assertEquals(List.of("0/0=a", "0/1=a", "0/2=a", "0/3=a"), lake.rows());
    }

    @Test
    void aFileThatIsInTheTableTwice() throws Exception {
        var file = lake.append(0, 0, 1, "a");
        lake.table.newFastAppend().appendFile(file).commit();
        assertEquals(4, lake.rows().size());
        drop("0/0/0-1", "");
        assertEquals(List.of(), lake.rows());
    }

    @Test
    void nothingToDoIsNoCommit() throws Exception {
        lake.append(0, 0, 3, "a");
        String version = MaintenanceLake.version(lake.table);
        assertEquals(Map.of("rows", 0L, "files", 0), drop("1/0/2-2", "0/0/1-1"));
        assertEquals(version, MaintenanceLake.version(lake.table));
    }

    @Test
    void aTableThatHasMovedOnStays() throws Exception {
        lake.append(0, 0, 3, "a");
        var seen = lake.from("drop", "0/0/2-2");
        lake.append(0, 4, 5, "b");
        assertThrows(IllegalStateException.class, () -> RowRewrite.withoutRows(lake.table, seen));
        assertEquals(6, lake.rows().size());
    }

    @Test
    void deleteFilesAreApplied() throws Exception {
        var first = lake.append(0, 0, 3, "a");
        lake.append(0, 4, 5, "b");
        var untouched = lake.append(1, 0, 1, "c");
        lake.deletePlaces(0, first, 0, 2);
        lake.deleteOffset(0, 5);
        // Written after the deletion, with an offset that was deleted before.
        lake.append(0, 5, 5, "taken again");
        var seen = lake.rows();
        assertEquals(List.of("0/1=a", "0/3=a", "0/4=b", "0/5=taken again", "1/0=c", "1/1=c"), seen);
        var dry = MaintenanceLake.options("dry-run", true);
        assertEquals(Map.of("deleteFiles", 2, "files", 2), RowRewrite.withoutDeletes(lake.table, dry));
        assertEquals("2", lake.table.currentSnapshot().summary().get("total-delete-files"));

        RowRewrite.withoutDeletes(lake.table, MaintenanceLake.options("dry-run", false));
        assertEquals(seen, lake.rows());
        var summary = lake.table.currentSnapshot().summary();
        assertEquals("0", summary.get("total-delete-files"));
        assertEquals("6", summary.get("total-records"), "the summary counts what readers see");
        assertEquals("replace", lake.table.currentSnapshot().operation());
        assertTrue(files().contains(untouched.location()));
        String version = MaintenanceLake.version(lake.table);
        assertEquals(
                Map.of("deleteFiles", 0, "files", 0),
                RowRewrite.withoutDeletes(lake.table, MaintenanceLake.options("dry-run", false)));
        assertEquals(version, MaintenanceLake.version(lake.table));
    }
}
