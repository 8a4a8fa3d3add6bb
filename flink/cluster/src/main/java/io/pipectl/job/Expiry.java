package io.pipectl.job;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;

/**
 * Expires old snapshots, and deletes the files that only they referenced.
 *
 * <p>Arguments: {@code older-than} (epoch milliseconds), {@code retain-last} (so many ancestors of a branch's head stay,
 * whatever their age), and {@code keep-from}, see {@link KeepFrom}; the one that keeps more wins.
 */
final class Expiry {
    private Expiry() {}

    static Map<String, Object> run(Table table, Map<String, String> options) {
        long olderThan = Operations.number(options, "older-than");
        int retainLast = Math.toIntExact(Operations.number(options, "retain-last"));
        boolean dryRun = Operations.dryRun(options);
        var keepFrom = KeepFrom.of(options.get("keep-from"));
        var operations = ((HasTableOperations) table).operations();
        var bounded = new BoundedExpiry(operations, olderThan, retainLast, keepFrom, dryRun);
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
        // As text: ids are larger than the integers that JavaScript can represent.
        result.put("expired", bounded.expired().stream().map(String::valueOf).toList());
        result.put("refs", List.copyOf(bounded.droppedRefs()));
        result.put("files", null);
        result.put("undeleted", 0);
        if (dryRun) return result;

        // If the job is killed from here on, it leaves unreferenced files, which the search for orphans
        // finds.
        var remaining = new Reachable();
        if (!bounded.expired().isEmpty()) remaining.add(table);
        var files = new ExpiredFiles(bounded.base(), bounded.expired(), remaining, table.io());
        result.put("undeleted", Removal.remove(table.io(), files.paths()));
        result.put("files", files.counts());
        return result;
    }
}
