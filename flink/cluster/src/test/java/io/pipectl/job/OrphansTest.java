package io.pipectl.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.hadoop.HadoopFileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Planted orphans are found, and nothing else is touched. */
class OrphansTest {
    private static final String[] NAMES = {
        "data/plain.parquet",
        "data/kind=a+b/x.parquet",
        "data/kind=z/with space.parquet",
        "data/100%.parquet",
        "data/a%2Fb.parquet",
        "data/%E4%zz.parquet",
        "data/größe=ü, 日本.parquet",
        "data/[a]*?#&'\".parquet",
        "data/_SUCCESS",
        "data/.hidden",
        "metadata/snap-1-2-3.avro",
        "metadata/old-m0.avro",
        "metadata/v99.metadata.json",
        "metadata/stats.puffin",
        "other/deep/er/file",
        "top"
    };

    @TempDir
    Path temp;

    private MaintenanceLake lake;
    private Table table;

    @BeforeEach
    void create() throws Exception {
        lake = new MaintenanceLake(temp);
        table = lake.table("stops");
        for (int i = 0; i < 3; i++) MaintenanceLake.append(table, "a b", "100%", "ü=/x%2F", null);
        table.manageSnapshots().createBranch("side").commit();
        table.newFastAppend()
                .appendFile(MaintenanceLake.file(table, "side+"))
                .toBranch("side")
                .commit();
        table.manageSnapshots()
                .createTag("t", table.currentSnapshot().snapshotId())
                .commit();
        table.newRowDelta().addDeletes(MaintenanceLake.deletes(table, "a b")).commit();
        table.newDelete().deleteFromRowFilter(Expressions.equal("kind", "100%")).commit();
    }

    private static Map<String, Object> orphans(Table table, boolean dryRun) {
        return Orphans.run(
                table,
                MaintenanceLake.options("older-than", System.currentTimeMillis() - 86_400_000L, "dry-run", dryRun));
    }

    private static Map<String, Object> orphans(Table table, Listing listing) {
        return Orphans.run(
                table,
                MaintenanceLake.options("older-than", System.currentTimeMillis() - 86_400_000L, "dry-run", false),
                listing);
    }

    private SortedSet<String> plant() throws Exception {
        var planted = new TreeSet<String>();
        for (String name : NAMES) {
            Path path = Path.of(MaintenanceLake.folder(table) + "/" + name);
            Files.createDirectories(path.getParent());
            Files.write(path, new byte[10]);
            planted.add(path.toString());
        }
        return planted;
    }

    @Test
    void findsExactlyWhatWasPlanted() throws Exception {
        var clean = MaintenanceLake.onDisk(temp);
        MaintenanceLake.age(temp);
        assertEquals(0, orphans(table, false).get("orphans"));
        assertEquals(clean, MaintenanceLake.onDisk(temp));

        var planted = plant();
        var young = orphans(table, false);
        assertEquals(0, young.get("orphans"));
        assertEquals((long) NAMES.length, young.get("kept"));
        assertEquals((long) (clean.size() + NAMES.length), young.get("files"));

        MaintenanceLake.age(temp);
        var disk = MaintenanceLake.onDisk(temp);
        var dry = orphans(table, true);
        assertEquals(disk, MaintenanceLake.onDisk(temp));
        var real = orphans(table, false);
        assertEquals(dry, real);
        assertEquals(NAMES.length, real.get("orphans"));
        assertEquals(10L * NAMES.length, real.get("bytes"));
        assertEquals(0L, real.get("kept"));
        assertEquals(0L, real.get("doubtful"));
        assertEquals(5, ((List<?>) real.get("examples")).size());
        assertEquals(clean, MaintenanceLake.onDisk(temp));
        assertTrue(clean.containsAll(MaintenanceLake.named(table)));
        assertTrue(java.util.Collections.disjoint(planted, clean));
        assertEquals(0, orphans(table, false).get("orphans"));
    }

    @Test
    void whatAKilledExpiryLeavesIsFound() throws Exception {
        table.manageSnapshots().removeTag("t").removeBranch("side").commit();
        table.expireSnapshots()
                .expireOlderThan(System.currentTimeMillis() + 1000)
                .cleanExpiredFiles(false)
                .commit();
        MaintenanceLake.age(temp);
        assertTrue((int) orphans(table, false).get("orphans") >= 3 + 1 + 4);
        MaintenanceLake.assertExact(table);
    }

    @Test
    void aCommitBetweenListingAndDeletionIsSafe() throws Exception {
        var file = MaintenanceLake.file(table, "late");
        MaintenanceLake.age(temp);
        var planted = plant();
        MaintenanceLake.age(temp);
        var result = orphans(
                table,
                after(
                        table,
                        () -> lake.again("stops")
                                .newFastAppend()
                                .appendFile(file)
                                .commit()));
        assertEquals(planted.size(), result.get("orphans"));
        assertTrue(MaintenanceLake.onDisk(temp).containsAll(MaintenanceLake.named(table)));
    }

    @Test
    void anExpiryBetweenListingAndDeletionTakesNothing() throws Exception {
        MaintenanceLake.age(temp);
        var before = MaintenanceLake.onDisk(temp);
        var result = orphans(
                table,
                after(
                        table,
                        () -> lake.again("stops")
                                .expireSnapshots()
                                .expireOlderThan(System.currentTimeMillis() + 1000)
                                .cleanExpiredFiles(false)
                                .commit()));
        assertEquals(0, result.get("orphans"));
        assertTrue(MaintenanceLake.onDisk(temp).containsAll(before));
    }

    @Test
    void otherSpellingsOfAPathAreNoOrphans() throws Exception {
        MaintenanceLake.age(temp);
        var before = MaintenanceLake.onDisk(temp);
        for (var spelling : List.<UnaryOperator<String>>of(
                path -> path.replaceFirst("^file:", ""),
                path -> path.replaceFirst("^file:", "file://"),
                path -> path.replaceFirst("^file:", "s3a://bucket"),
                path -> path.replaceFirst("^file:/", "file://localhost//./"),
                path -> path.replace("%", "%25").replace(" ", "%20").replace("ü", "%C3%BC"),
                path -> java.text.Normalizer.normalize(path, java.text.Normalizer.Form.NFD),
                // Under different paths, as with a link or a mount: the file names still match.
                path -> path.replace("/stops/data/", "/stops/data/mnt/"))) {
            var result = orphans(table, spelled(table, spelling));
            assertEquals(0, result.get("orphans"), spelling.apply(table.location()));
        }
        assertEquals(before, MaintenanceLake.onDisk(temp));
    }

    @Test
    void theWalkFindsWhatHadoopLists() throws Exception {
        plant();
        var walked = new TreeSet<String>();
        Listing.of(table).each(file -> walked.add(file.location() + " " + file.size() + " " + file.createdAtMillis()));
        var listed = new TreeSet<String>();
        for (var file : ((HadoopFileIO) table.io()).listPrefix(table.location())) {
            listed.add(file.location() + " " + file.size() + " " + file.createdAtMillis());
        }
        assertEquals(listed, walked);
    }

    @Test
    void aLocationThatIsALink() throws Exception {
        Path real = temp.resolve("elsewhere");
        Files.move(MaintenanceLake.folder(table), real);
        Files.createSymbolicLink(MaintenanceLake.folder(table), real);
        var planted = Path.of(MaintenanceLake.folder(table) + "/data/planted");
        Files.write(planted, new byte[1]);
        MaintenanceLake.age(temp);
        assertEquals(1, orphans(table, false).get("orphans"));
        assertFalse(Files.exists(planted));
        assertTrue(MaintenanceLake.named(table).stream().allMatch(path -> Files.exists(Path.of(path))));
    }

    @Test
    void aTableBelowIsRefused() throws Exception {
        Table nested = new org.apache.iceberg.hadoop.HadoopTables(new org.apache.hadoop.conf.Configuration())
                .create(table.schema(), table.location() + "/data/nested");
        MaintenanceLake.append(nested, (String) null);
        plant();
        MaintenanceLake.age(temp);
        var before = MaintenanceLake.onDisk(temp);
        var error = assertThrows(IllegalStateException.class, () -> orphans(table, false));
        assertTrue(error.getMessage().startsWith("another table lies below " + table.location()), error.getMessage());
        assertEquals(before, MaintenanceLake.onDisk(temp));
        // The other direction is harmless.
        assertEquals(0, orphans(nested, false).get("orphans"));
    }

    @Test
    void aNeighbourWhoseNameBeginsTheSameIsNotListed() throws Exception {
        Table neighbour = lake.table("stops_silver");
        MaintenanceLake.append(neighbour, "a");
        MaintenanceLake.age(temp);
        var before = MaintenanceLake.onDisk(temp);
        orphans(table, false);
        assertEquals(before, MaintenanceLake.onDisk(temp));
    }

    @Test
    void refusals() throws Exception {
        MaintenanceLake.age(temp);
        plant();
        MaintenanceLake.age(temp);
        var plain = proxy(FileIO.class, table.io(), Map.of());
        var unlisted = proxy(Table.class, table, Map.of("io", plain));
        var error = assertThrows(UnsupportedOperationException.class, () -> orphans(unlisted, false));
        assertTrue(
                error.getMessage().contains(plain.getClass().getName() + " has no listing by prefix"),
                error.getMessage());

        table.updateProperties().set("gc.enabled", "false").commit();
        assertThrows(IllegalStateException.class, () -> orphans(table, false));
        table.updateProperties().remove("gc.enabled").commit();

        // Broken metadata: the files in use are unknown.
        var before = MaintenanceLake.onDisk(temp);
        String list = table.currentSnapshot().manifestListLocation();
        table.io().deleteFile(list);
        assertThrows(RuntimeException.class, () -> orphans(lake.again("stops"), false));
        before.removeIf(path -> list.endsWith(path));
        var after = MaintenanceLake.onDisk(temp);
        for (String name : NAMES) assertTrue(after.contains(MaintenanceLake.folder(table) + "/" + name), name);
    }

    @Test
    void azuresListingIsMadeWhole() {
        String location = "abfss://box@acc.dfs.core.windows.net/wh/t";
        assertEquals("abfss://box@acc.dfs.core.windows.net/wh/t/x", Orphans.whole(location, "wh/t/x"));
        assertEquals(location + "/x", Orphans.whole(location, location + "/x"));
        assertEquals("file:/wh/t/x", Orphans.whole("file:/wh/t", "file:/wh/t/x"));
        assertEquals("/wh/t/x", PathKey.of("wh/t/x"));
        assertFalse(PathKey.of("s3://b/wh/a:b").contains("s3"));
    }

    /** A proxy that has only this type, and returns these answers instead of its own. */
    private static <T> T proxy(Class<T> type, T real, Map<String, ?> answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> {
            try {
                return answers.containsKey(method.getName())
                        ? answers.get(method.getName())
                        : method.invoke(real, args);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
        }));
    }

    private static Listing after(Table table, Runnable listed) {
        return use -> {
            Listing.of(table).each(use);
            listed.run();
        };
    }

    private static Listing spelled(Table table, UnaryOperator<String> spelling) {
        return use -> Listing.of(table)
                .each(file ->
                        use.accept(new FileInfo(spelling.apply(file.location()), file.size(), file.createdAtMillis())));
    }
}
