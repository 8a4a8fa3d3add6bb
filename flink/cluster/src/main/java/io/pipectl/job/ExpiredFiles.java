package io.pipectl.job;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;

/**
 * The files that expired snapshots reference and no remaining one does, by kind.
 *
 * <p>Iceberg's own clean-ups for one JVM are not enough (1.11). The incremental one leaves the files that a
 * compaction replaced until the compaction itself expires, and continues when it cannot read the remaining metadata.
 * The other one cannot read delete manifests, and leaves all data files as soon as there is one.
 */
final class ExpiredFiles {
    private final Map<String, Set<String>> kinds = new LinkedHashMap<>();
    private final Reachable remaining;
    private final FileIO io;

    /**
     * To be created before anything is deleted: {@code expired} are snapshots of {@code before} that the table
     * no longer has.
     */
    ExpiredFiles(TableMetadata before, Set<Long> expired, Reachable remaining, FileIO io) {
        for (String kind : List.of("data", "deletes", "manifests", "manifestLists", "statistics")) {
            kinds.put(kind, ConcurrentHashMap.newKeySet());
        }
        this.remaining = remaining;
        this.io = io;
        var snapshots = new ArrayList<Snapshot>();
        for (Snapshot snapshot : before.snapshots())
            if (expired.contains(snapshot.snapshotId())) snapshots.add(snapshot);

        Map<String, ManifestFile> manifests = new ConcurrentHashMap<>();
        Reachable.parallel(snapshots, snapshot -> addSnapshot(snapshot, manifests));
        Reachable.parallel(manifests.values(), manifest -> {
            String kind = manifest.content() == ManifestContent.DATA ? "data" : "deletes";
            whereItExists(() -> Reachable.files(manifest, io, before.specsById(), path -> add(kind, path)));
        });
        before.statisticsFiles().stream()
                .filter(file -> expired.contains(file.snapshotId()))
                .forEach(file -> add("statistics", file.path()));
        before.partitionStatisticsFiles().stream()
                .filter(file -> expired.contains(file.snapshotId()))
                .forEach(file -> add("statistics", file.path()));
    }

    List<String> paths() {
        return kinds.values().stream().flatMap(Set::stream).toList();
    }

    Map<String, Integer> counts() {
        var counts = new LinkedHashMap<String, Integer>();
        kinds.forEach((kind, paths) -> counts.put(kind, paths.size()));
        return counts;
    }

    private void addSnapshot(Snapshot snapshot, Map<String, ManifestFile> manifests) {
        if (snapshot.manifestListLocation() != null) add("manifestLists", snapshot.manifestListLocation());
        whereItExists(() -> {
            for (ManifestFile manifest : Reachable.manifests(snapshot, io)) {
                // Files of a manifest in use are in use, too.
                if (add("manifests", manifest.path())) manifests.put(manifest.path(), manifest);
            }
        });
    }

    private boolean add(String kind, String path) {
        return !remaining.names(path) && kinds.get(kind).add(path);
    }

    /**
     * A snapshot that another tool has broken should expire; files that it cannot name any more are left to
     * {@link Orphans}.
     */
    private static void whereItExists(Runnable read) {
        try {
            read.run();
        } catch (NotFoundException broken) {
            return;
        }
    }
}
