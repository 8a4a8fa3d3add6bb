package io.pipectl.job;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Comparators;

/**
 * Divides the partitions of a table, in order, into ranges with about the same number of files each.
 *
 * <p>Iceberg writes at least one manifest per cluster key, so one cluster per partition would increase the number of
 * manifests of a table with many partitions.
 */
final class PartitionRanges {
    private final NavigableMap<StructLike, Integer> firstOfRange;

    private PartitionRanges(NavigableMap<StructLike, Integer> firstOfRange) {
        this.firstOfRange = firstOfRange;
    }

    static PartitionRanges of(Table table, int specId, List<ManifestFile> manifests, int count) {
        PartitionSpec spec = table.specs().get(specId);
        var files = new TreeMap<StructLike, Integer>(Comparators.forType(spec.partitionType()));
        if (count > 1 && spec.isPartitioned()) {
            for (ManifestFile manifest : manifests) {
                Closing.each(
                        ManifestFiles.read(manifest, table.io(), table.specs())
                                .select(List.of("file_path", "partition")),
                        file -> files.merge(file.partition(), 1, Integer::sum));
            }
        }
        long total = files.values().stream().mapToLong(Integer::longValue).sum();
        long sofar = 0;
        for (var partition : files.entrySet()) {
            int range = (int) (sofar * count / total);
            sofar += partition.getValue();
            partition.setValue(range);
        }
        return new PartitionRanges(files);
    }

    /** A partition that is newer than the ranges joins its neighbour. */
    int rangeOf(StructLike partition) {
        if (firstOfRange.isEmpty()) return 0;
        var entry = firstOfRange.floorEntry(partition);
        return entry == null ? 0 : entry.getValue();
    }
}
