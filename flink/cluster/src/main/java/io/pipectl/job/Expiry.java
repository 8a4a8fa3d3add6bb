package io.pipectl.job;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;

/**
 * Drops old snapshots and the files that only they named.
 *
 * <p>Arguments: {@code --older-than} (epoch milliseconds) and {@code --retain-last} (so many ancestors of a branch's head
 * stay, whatever their age).
 */
final class Expiry {
    private Expiry() {}

    static Map<String, Object> run(Table table, Map<String, String> options) {
        long olderThan = Tend.number(options, "older-than");
        int retainLast = Math.toIntExact(Tend.number(options, "retain-last"));
        boolean dryRun = Tend.dryRun(options);
        var bounded = new BoundedExpiry(((HasTableOperations) table).operations(), olderThan, retainLast, dryRun);
        new BaseTable(bounded, table.name())
                .expireSnapshots()
                .expireOlderThan(olderThan)
                .retainLast(retainLast)
                .cleanExpiredFiles(false)
                .commit();
        var result = new LinkedHashMap<String, Object>();
        int before = bounded.base().snapshots().size();
        result.put("snapshotsBefore", before);
        result.put("snapshotsAfter", before - bounded.expired().size());
        // As text: an id is larger than the whole numbers that JavaScript can hold.
        result.put("expired", bounded.expired().stream().map(String::valueOf).toList());
        result.put("refs", List.copyOf(bounded.droppedRefs()));
        result.put("files", null);
        result.put("undeleted", 0);
        if (dryRun) return result;

        // Killed from here on, it leaves files that no metadata names, which the search for orphans finds.
        var remaining = new Reachable();
        if (!bounded.expired().isEmpty()) remaining.add(table);
        var files = new ExpiredFiles(bounded.base(), bounded.expired(), remaining, table.io());
        result.put("undeleted", Removal.remove(table.io(), files.paths()));
        result.put("files", files.counts());
        return result;
    }
}
