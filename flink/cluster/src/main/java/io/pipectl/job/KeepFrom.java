package io.pipectl.job;

import java.util.List;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * The part of the current snapshot's history that is kept, whatever its age.
 *
 * <p>Named by a snapshot, and counted in the table's current metadata: a stream commits during an expiry, and a
 * number determined before would be too small.
 */
interface KeepFrom {

    /** Number of snapshots to keep, counted from the current one. */
    int count(TableMetadata table);

    /** The history from a snapshot's id on, {@code all} of it, or no requirement without the argument. */
    static KeepFrom of(String value) {
        if (value == null || value.isEmpty()) return table -> 0;
        if (value.equals("all")) return table -> history(table).size();
        long snapshot = id(value);
        return table -> {
            int count = history(table).indexOf(snapshot) + 1;
            if (count > 0) return count;
            throw new IllegalStateException(
                    "keep-from " + snapshot + ": that snapshot is not in the history of the current"
                            + " one of the table at " + table.location() + ", and nothing was expired");
        };
    }

    private static long id(String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException notAnId) {
            throw new IllegalArgumentException("keep-from " + value + ": a snapshot's id or all is needed");
        }
    }

    private static List<Long> history(TableMetadata table) {
        Snapshot current = table.currentSnapshot();
        return current == null ? List.of() : SnapshotUtil.ancestorIds(current, table::snapshot);
    }
}
