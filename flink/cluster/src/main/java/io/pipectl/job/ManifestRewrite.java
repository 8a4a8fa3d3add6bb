package io.pipectl.job;

import static org.apache.iceberg.TableProperties.MANIFEST_TARGET_SIZE_BYTES;
import static org.apache.iceberg.TableProperties.MANIFEST_TARGET_SIZE_BYTES_DEFAULT;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.PropertyUtil;

/**
 * Merges small manifests, each for neighbouring partitions, if that reduces their number.
 *
 * <p>Manifests of branches other than main and delete manifests stay: Iceberg rewrites neither.
 */
final class ManifestRewrite {
    private ManifestRewrite() {}

    static Map<String, Object> run(Table table, Map<String, String> options) {
        boolean dryRun = Operations.dryRun(options);
        table.refresh();
        Snapshot current = table.currentSnapshot();
        if (current == null) return result(0, 0);
        long target = PropertyUtil.propertyAsLong(
                table.properties(), MANIFEST_TARGET_SIZE_BYTES, MANIFEST_TARGET_SIZE_BYTES_DEFAULT);
        int before = current.allManifests(table.io()).size();

        Set<String> chosen = new HashSet<>();
        Map<Integer, PartitionRanges> ranges = new HashMap<>();
        int after = before;
        for (var group : small(current.dataManifests(table.io()), target).entrySet()) {
            List<ManifestFile> manifests = group.getValue();
            long bytes = manifests.stream().mapToLong(ManifestFile::length).sum();
            int count = Math.toIntExact((bytes + target - 1) / target);
            if (count >= manifests.size()) continue;
            after += count - manifests.size();
            if (dryRun) continue;
            manifests.forEach(manifest -> chosen.add(manifest.path()));
            ranges.put(group.getKey(), PartitionRanges.of(table, group.getKey(), manifests, count));
        }
        if (dryRun || chosen.isEmpty()) return result(before, after);

        table.rewriteManifests()
                .rewriteIf(manifest -> chosen.contains(manifest.path()))
                .clusterBy(file -> ranges.get(file.specId()).rangeOf(file.partition()))
                .commit();
        return committed(table, before);
    }

    /**
     * By partition spec, because a manifest only holds files of one spec. A manifest larger than half of the
     * target stays: rewritten with others it would not get larger.
     */
    private static Map<Integer, List<ManifestFile>> small(List<ManifestFile> manifests, long target) {
        var groups = new LinkedHashMap<Integer, List<ManifestFile>>();
        for (ManifestFile manifest : manifests) {
            if (manifest.length() * 2 > target) continue;
            groups.computeIfAbsent(manifest.partitionSpecId(), spec -> new ArrayList<>())
                    .add(manifest);
        }
        return groups;
    }

    /**
     * The result of the commit itself: others may have committed before and after it, and only a rewrite has
     * processed entries.
     */
    private static Map<String, Object> committed(Table table, int before) {
        table.refresh();
        for (Snapshot snapshot = table.currentSnapshot(); snapshot != null; ) {
            Snapshot parent = snapshot.parentId() == null ? null : table.snapshot(snapshot.parentId());
            if (parent != null && snapshot.summary().containsKey("entries-processed")) {
                return result(
                        parent.allManifests(table.io()).size(),
                        snapshot.allManifests(table.io()).size());
            }
            snapshot = parent;
        }
        return result(before, table.currentSnapshot().allManifests(table.io()).size());
    }

    private static Map<String, Object> result(int before, int after) {
        var result = new LinkedHashMap<String, Object>();
        result.put("manifestsBefore", before);
        result.put("manifestsAfter", after);
        return result;
    }
}
