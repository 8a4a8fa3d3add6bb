package io.pipectl.job;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.util.DeleteFileSet;

/**
 * Rewrites files row by row: without rows at given positions of the topic, or without the rows that delete files
 * mark. Only the files concerned are rewritten, in one commit.
 */
final class RowRewrite {
    /** In the summary of a snapshot: pipectl itself has taken rows out, and accounts for them. */
    static final String MARK = "pipectl.repair";

    private RowRewrite() {}

    /**
     * Removes rows by where they came from.
     *
     * <p>Options: {@code from}, the table's current snapshot; {@code drop} and {@code once}, see {@link Positions}:
     * of the first no row stays, of the second the one that was written first.
     */
    static Map<String, Object> withoutRows(Table table, Map<String, String> options) throws Exception {
        long from = requireCurrent(table, options);
        var drop = Positions.parse(table.schema(), options.getOrDefault("drop", ""));
        var once = Positions.parse(table.schema(), options.getOrDefault("once", ""));
        var kept = new HashSet<Positions.Position>();
        var rows = new TableRows(table);
        var change = table.newOverwrite()
                .validateFromSnapshot(from)
                .conflictDetectionFilter(Expressions.alwaysTrue())
                .validateNoConflictingData()
                .validateNoConflictingDeletes()
                .set(MARK, "rows");
        long removed = 0;
        int files = 0;
        for (FileScanTask task : tasks(table, from)) {
            if (!drop.mayBeIn(task.file()) && !once.mayBeIn(task.file())) continue;
            long gone = 0;
            var writer = rows.writer();
            try (writer;
                    var read = rows.read(task)) {
                while (read.hasNext()) {
                    var row = read.next();
                    boolean goes = drop.has(row) || once.has(row) && !kept.add(once.of(row));
                    if (goes) gone++;
                    else writer.write(row);
                }
                if (gone == 0) {
                    writer.abort();
                    continue;
                }
                for (DataFile file : writer.complete().dataFiles()) change.addFile(file);
            }
            change.deleteFile(task.file());
            removed += gone;
            files++;
        }
        if (files > 0) change.commit();
        return Map.of("rows", removed, "files", files);
    }

    /**
     * Applies the delete files of the table: data files that they mark rows in are rewritten without those rows, and
     * the delete files leave the table. Readers see the same rows. Options: {@code from} as above, {@code dry-run}.
     */
    static Map<String, Object> withoutDeletes(Table table, Map<String, String> options) throws Exception {
        boolean dryRun = Operations.dryRun(options);
        table.refresh();
        Snapshot current = table.currentSnapshot();
        if (current == null) return Map.of("deleteFiles", 0, "files", 0);
        Set<DeleteFile> deletes = deleteFiles(table, current);
        var marked = new ArrayList<FileScanTask>();
        for (FileScanTask task : tasks(table, current.snapshotId()))
            if (!task.deletes().isEmpty()) marked.add(task);
        var result = Map.<String, Object>of("deleteFiles", deletes.size(), "files", marked.size());
        if (dryRun || deletes.isEmpty()) return result;

        var rows = new TableRows(table);
        var change = table.newRewrite().validateFromSnapshot(current.snapshotId());
        deletes.forEach(change::deleteFile);
        var writer = rows.writer();
        try (writer) {
            for (FileScanTask task : marked) {
                try (var read = rows.read(task)) {
                    while (read.hasNext()) writer.write(read.next());
                }
                change.deleteFile(task.file());
            }
            Arrays.stream(writer.complete().dataFiles()).forEach(change::addFile);
        }
        change.commit();
        return result;
    }

    /** The table as it is now must be as the caller has seen it. */
    private static long requireCurrent(Table table, Map<String, String> options) {
        long from = Operations.number(options, "from");
        table.refresh();
        Snapshot current = table.currentSnapshot();
        if (current == null || current.snapshotId() != from)
            throw new IllegalStateException("the table is no longer at snapshot " + from);
        return from;
    }

    /** In the order in which the files were written. */
    private static List<FileScanTask> tasks(Table table, long snapshot) throws Exception {
        var found = new ArrayList<FileScanTask>();
        try (var tasks =
                table.newScan().useSnapshot(snapshot).includeColumnStats().planFiles()) {
            tasks.forEach(found::add);
        }
        found.sort(Comparator.comparing(task -> task.file().dataSequenceNumber()));
        return found;
    }

    private static Set<DeleteFile> deleteFiles(Table table, Snapshot snapshot) throws Exception {
        var found = DeleteFileSet.create();
        for (var manifest : snapshot.deleteManifests(table.io())) {
            try (var files = ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
                for (DeleteFile file : files) found.add(file.copy());
            }
        }
        return found;
    }
}
