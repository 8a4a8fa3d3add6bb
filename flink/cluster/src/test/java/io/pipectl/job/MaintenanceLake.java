package io.pipectl.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.types.Types;

/** Real tables on local files, with small dummies as data files. */
final class MaintenanceLake {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "kind", Types.StringType.get()));

    final Path warehouse;
    private final HadoopCatalog catalog;

    MaintenanceLake(Path folder) {
        warehouse = folder.resolve("ware house ü");
        catalog = new HadoopCatalog(new Configuration(), "file:" + warehouse);
    }

    Table table(String name) {
        var spec = PartitionSpec.builderFor(SCHEMA).identity("kind").build();
        return catalog.createTable(TableIdentifier.of("db", name), SCHEMA, spec, Map.of("format-version", "2"));
    }

    /** Another handle for the same table, as in another process. */
    Table again(String name) {
        return catalog.loadTable(TableIdentifier.of("db", name));
    }

    static Map<String, String> options(Object... pairs) {
        var options = new HashMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) options.put((String) pairs[i], String.valueOf(pairs[i + 1]));
        return options;
    }

    static Snapshot append(Table table, String... kinds) throws IOException {
        var append = table.newFastAppend();
        for (String kind : kinds) append.appendFile(file(table, kind));
        append.commit();
        return table.currentSnapshot();
    }

    static DataFile file(Table table, String kind) throws IOException {
        var partition = partition(table, kind);
        return DataFiles.builder(table.spec())
                .withPath(dummy(table, partition))
                .withFileSizeInBytes(3)
                .withRecordCount(1)
                .withPartition(partition)
                .build();
    }

    static DeleteFile deletes(Table table, String kind) throws IOException {
        var partition = partition(table, kind);
        return FileMetadata.deleteFileBuilder(table.spec())
                .ofPositionDeletes()
                .withPath(dummy(table, partition))
                .withFileSizeInBytes(3)
                .withRecordCount(1)
                .withPartition(partition)
                .build();
    }

    /** A value with any text, which a path such as kind=a/b could not express. */
    private static PartitionKey partition(Table table, String kind) {
        var record = GenericRecord.create(SCHEMA);
        record.setField("kind", kind);
        var partition = new PartitionKey(table.spec(), table.schema());
        partition.partition(record);
        return partition;
    }

    private static String dummy(Table table, PartitionKey partition) throws IOException {
        String path = table.locationProvider().newDataLocation(table.spec(), partition, UUID.randomUUID() + ".parquet");
        try (var out = table.io().newOutputFile(path).create()) {
            out.write(new byte[3]);
        }
        return path;
    }

    /** Every file under a folder, by its path on disk, without Hadoop's checksum files. */
    static Set<String> onDisk(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile)
                    .map(Path::toString)
                    .filter(Predicate.not(path -> path.endsWith(".crc")))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    static Path folder(Table table) {
        return Path.of(local(table.location()));
    }

    private static String local(String location) {
        return new org.apache.hadoop.fs.Path(location).toUri().getPath();
    }

    /** The files that the snapshots reference, read in the simplest way: lists, manifests, data and delete files. */
    static Set<String> named(Table table) throws IOException {
        table.refresh();
        var named = new TreeSet<String>();
        for (Snapshot snapshot : table.snapshots()) {
            named.add(local(snapshot.manifestListLocation()));
            for (var manifest : snapshot.allManifests(table.io())) named.add(local(manifest.path()));
            for (var manifest : snapshot.dataManifests(table.io())) {
                try (var files = ManifestFiles.read(manifest, table.io(), table.specs())) {
                    for (DataFile file : files) named.add(local(file.location()));
                }
            }
            for (var manifest : snapshot.deleteManifests(table.io())) {
                try (var files = ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
                    for (DeleteFile file : files) named.add(local(file.location()));
                }
            }
        }
        return named;
    }

    /**
     * The files on disk in data and metadata are exactly the referenced ones, apart from unreferenced metadata
     * files.
     */
    static void assertExact(Table table) throws IOException {
        var found = onDisk(folder(table));
        found.removeIf(path -> path.endsWith(".metadata.json") || path.endsWith("version-hint.text"));
        assertEquals(named(table), found);
    }

    static String version(Table table) {
        return ((HasTableOperations) table).operations().refresh().metadataFileLocation();
    }

    /** Makes all current files look two days old. */
    static void age(Path folder) throws IOException {
        for (String path : onDisk(folder)) age(path);
    }

    static void age(String path) throws IOException {
        Files.setLastModifiedTime(Path.of(path), FileTime.fromMillis(System.currentTimeMillis() - 2 * 86_400_000L));
    }
}
