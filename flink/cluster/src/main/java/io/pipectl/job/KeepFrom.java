package io.pipectl.job;

import java.util.List;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * How much of the history of the current snapshot stays, whatever its age.
 *
 * <p>Told by a snapshot and counted in the table at hand: a stream commits while an expiry is on its way, and a number
 * found out beforehand would be too small.
 */
interface KeepFrom {

    /** So many snapshots, the current one first. */
    int count(TableMetadata table);

    /** From a snapshot's id on, {@code all} of it, or nothing in particular where there is no such argument. */
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
