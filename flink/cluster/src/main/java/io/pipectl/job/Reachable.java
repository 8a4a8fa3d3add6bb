package io.pipectl.job;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.util.Tasks;
import org.apache.iceberg.util.ThreadPools;

/**
 * Every file that a table's metadata references, at one or more moments. Fails if any of the metadata cannot be
 * read.
 */
final class Reachable {
    private final Set<String> keys = ConcurrentHashMap.newKeySet();
    private final Set<String> read = ConcurrentHashMap.newKeySet();
    private final Set<String> metadataFolders = new HashSet<>();

    /**
     * Adds the files that the table references now. Manifest lists and manifests are immutable, so none is read
     * twice.
     */
    void add(Table table) {
        TableMetadata metadata = ((HasTableOperations) table).operations().refresh();
        String current = metadata.metadataFileLocation();
        if (current == null)
            throw new IllegalStateException("the catalog does not say which metadata file of " + table.name()
                    + " is the current one, so no file can be said to be unused");
        addMetadataFile(current);
        metadata.previousFiles().forEach(entry -> addMetadataFile(entry.file()));
        metadata.statisticsFiles().forEach(file -> keys.add(PathKey.of(file.path())));
        metadata.partitionStatisticsFiles().forEach(file -> keys.add(PathKey.of(file.path())));

        Map<String, ManifestFile> manifests = new ConcurrentHashMap<>();
        parallel(metadata.snapshots(), snapshot -> addSnapshot(snapshot, table.io(), manifests));
        parallel(
                manifests.values(),
                manifest -> files(manifest, table.io(), metadata.specsById(), path -> keys.add(PathKey.of(path))));
    }

    boolean names(String path) {
        return keys.contains(PathKey.of(path));
    }

    Set<String> keys() {
        return keys;
    }

    /** The folders of this table's metadata files. A metadata file in any other folder belongs to another table. */
    Set<String> metadataFolders() {
        return metadataFolders;
    }

    private void addMetadataFile(String path) {
        String key = PathKey.of(path);
        keys.add(key);
        metadataFolders.add(PathKey.folder(key));
    }

    private void addSnapshot(Snapshot snapshot, FileIO io, Map<String, ManifestFile> manifests) {
        String list = snapshot.manifestListLocation();
        if (list != null && !read.add(list)) return;
        if (list != null) keys.add(PathKey.of(list));
        for (var manifest : manifests(snapshot, io)) {
            if (!read.add(manifest.path())) continue;
            keys.add(PathKey.of(manifest.path()));
            manifests.put(manifest.path(), manifest);
        }
    }

    /**
     * A snapshot caches the manifests that it has read, too much memory for thousands of snapshots. A copy is
     * used instead.
     */
    static List<ManifestFile> manifests(Snapshot snapshot, FileIO io) {
        return SnapshotParser.fromJson(SnapshotParser.toJson(snapshot)).allManifests(io);
    }

    /**
     * Live entries only: a file that a snapshot has deleted is live in an older snapshot, or in none. A file
     * that is live in none was left by an expiry that was killed between its commit and its deletes.
     */
    static void files(ManifestFile manifest, FileIO io, Map<Integer, PartitionSpec> specs, Consumer<String> use) {
        if (manifest.content() == ManifestContent.DATA) {
            Closing.each(ManifestFiles.readPaths(manifest, io, specs), use);
        } else {
            Closing.each(
                    ManifestFiles.readDeleteManifest(manifest, io, specs).select(List.of("file_path")),
                    file -> use.accept(file.location()));
        }
    }

    static <T> void parallel(Iterable<T> items, Tasks.Task<T, RuntimeException> task) {
        Tasks.foreach(items)
                .executeWith(ThreadPools.getWorkerPool())
                .stopOnFailure()
                .throwFailureWhenFinished()
                .run(task);
    }
}
