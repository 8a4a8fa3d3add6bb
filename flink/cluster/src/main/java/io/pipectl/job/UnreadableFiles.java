package io.pipectl.job;

import java.io.FileNotFoundException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;

/**
 * Finds the files of a table's current snapshot that are gone or cannot be read, by reading every row of every
 * file, and takes such files out of the table.
 */
final class UnreadableFiles {
    /** Errors of a server or a network say nothing about a file. */
    private static final List<String> NOT_THE_FILE = List.of(
            "java.net.", "javax.net.", "software.amazon.", "com.google.cloud.", "com.azure.", "org.apache.http.");

    private UnreadableFiles() {}

    /**
     * Option {@code from}: the snapshot to read. The result has the number of {@code files}, and for each {@code
     * broken} one its path, {@code why}, its rows, and where the table is partitioned by Kafka's partition, that
     * and the span of its offsets.
     */
    static Map<String, Object> find(Table table, Map<String, String> options) throws Exception {
        long from = Operations.number(options, "from");
        var reader = new TableRows(table);
        var broken = new TreeMap<String, Map<String, Object>>();
        int files = 0;
        try (var tasks = table.newScan().useSnapshot(from).includeColumnStats().planFiles()) {
            for (FileScanTask task : tasks) {
                files++;
                boolean hasDeletes = true;
                for (DeleteFile delete : task.deletes()) {
                    if (!table.io().newInputFile(delete).exists()) {
                        broken.put(delete.location(), described(table, delete, "it is gone"));
                        hasDeletes = false;
                    }
                }
                String why = hasDeletes ? whyUnreadable(table, reader, task) : null;
                if (why != null) broken.put(task.file().location(), described(table, task.file(), why));
            }
        }
        return Map.of("files", files, "broken", new ArrayList<>(broken.values()));
    }

    /** Options {@code from} as above, {@code paths} with a path on each line. The result has the number of {@code files}. */
    static Map<String, Object> remove(Table table, Map<String, String> options) throws Exception {
        long from = Operations.number(options, "from");
        var paths = Set.of(Operations.required(options, "paths").split("\n"));
        var change = table.newRowDelta().validateFromSnapshot(from).set(RowRewrite.MARK, "files");
        var removed = new HashSet<String>();
        try (var tasks = table.newScan().useSnapshot(from).planFiles()) {
            for (FileScanTask task : tasks) {
                DataFile file = task.file();
                if (paths.contains(file.location()) && removed.add(file.location())) change.removeRows(file);
                for (DeleteFile delete : task.deletes()) {
                    if (paths.contains(delete.location()) && removed.add(delete.location()))
                        change.removeDeletes(delete);
                }
            }
        }
        if (removed.size() < paths.size())
            throw new IllegalStateException(
                    "snapshot " + from + " does not have all of the " + paths.size() + " files");
        change.commit();
        return Map.of("files", removed.size());
    }

    private static String whyUnreadable(Table table, TableRows reader, FileScanTask task) throws Exception {
        DataFile file = task.file();
        if (!table.io().newInputFile(file).exists()) return "it is gone";
        try {
            long rows = reader.count(task);
            boolean whole = !task.deletes().isEmpty() || rows == file.recordCount();
            return whole ? null : "it has " + rows + " rows, not " + file.recordCount();
        } catch (Exception failed) {
            for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
                if (cause instanceof FileNotFoundException || cause instanceof NotFoundException) return "it is gone";
                String name = cause.getClass().getName();
                boolean elsewhere = cause instanceof InterruptedException
                        || NOT_THE_FILE.stream().anyMatch(name::startsWith);
                if (elsewhere) throw failed;
            }
            return Failure.message(failed);
        }
    }

    private static Map<String, Object> described(Table table, ContentFile<?> file, String why) {
        var found = new LinkedHashMap<String, Object>();
        found.put("path", file.location());
        found.put("why", why);
        found.put("rows", file.content() == FileContent.DATA ? file.recordCount() : 0);
        var partition = table.specs().get(file.specId()).fields();
        for (int i = 0; i < partition.size(); i++) {
            if (partition.get(i).name().equals("kafka_partition"))
                found.put("partition", file.partition().get(i, Integer.class));
        }
        var offset = table.schema().findField("kafka_offset");
        if (offset != null && file.lowerBounds() != null && file.lowerBounds().get(offset.fieldId()) != null) {
            Type type = offset.type();
            found.put("min", Conversions.fromByteBuffer(type, file.lowerBounds().get(offset.fieldId())));
            found.put("max", Conversions.fromByteBuffer(type, file.upperBounds().get(offset.fieldId())));
        }
        return found;
    }
}
