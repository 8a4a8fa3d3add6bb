package io.pipectl.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are gone or damaged are found, and only those. */
class UnreadableFilesTest {
    @TempDir
    Path temp;

    private RowLake lake;

    @BeforeEach
    void create() throws Exception {
        lake = new RowLake(temp);
        lake.append(0, 0, 3, "a");
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> broken() throws Exception {
        return (List<Map<String, Object>>)
                UnreadableFiles.find(lake.table, lake.from()).get("broken");
    }

    @Test
    void allIsWell() throws Exception {
        assertEquals(List.of(), broken());
    }

    @Test
    void oneIsGoneAndOneIsDamaged() throws Exception {
        var gone = lake.append(1, 10, 19, "b");
        var damaged = lake.append(2, 0, 2_000, "c");
        Files.delete(RowLake.onDisk(gone.location()));
        RowLake.damage(damaged.location());
        var broken = broken();
        assertEquals(2, broken.size());
        for (var one : broken) {
            boolean isGone = one.get("path").equals(gone.location());
            assertEquals(isGone, one.get("why").equals("it is gone"), broken.toString());
            assertEquals(isGone ? 10L : 2_001L, one.get("rows"));
            assertEquals(isGone ? 1 : 2, one.get("partition"));
            assertEquals(isGone ? 10L : 0L, one.get("min"));
            assertEquals(isGone ? 19L : 2_000L, one.get("max"));
        }
        String paths = gone.location() + "\n" + damaged.location();
        assertEquals(Map.of("files", 2), UnreadableFiles.remove(lake.table, lake.from("paths", paths)));
        assertEquals(List.of("0/0=a", "0/1=a", "0/2=a", "0/3=a"), lake.rows());
        assertEquals(List.of(), broken());
    }

    @Test
    void aDeleteFileIsGone() throws Exception {
        var file = lake.append(1, 0, 3, "b");
        var deletes = lake.deletePlaces(1, file, 2);
        Files.delete(RowLake.onDisk(deletes.location()));
        var broken = broken();
        assertEquals(
                List.of(deletes.location()),
                broken.stream().map(one -> one.get("path")).toList());
        UnreadableFiles.remove(lake.table, lake.from("paths", deletes.location()));
        assertEquals(8, lake.rows().size());
    }

    @Test
    void aFileThatIsNotInTheTableIsRefused() throws Exception {
        var options = lake.from("paths", "file:/elsewhere.parquet");
        assertThrows(IllegalStateException.class, () -> UnreadableFiles.remove(lake.table, options));
    }
}
