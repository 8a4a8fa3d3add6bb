package io.pipectl.job;

import static org.apache.iceberg.TableProperties.GC_ENABLED;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileInfo;

/**
 * Deletes the files under a table's location that the table's metadata does not reference.
 *
 * <p>Argument: {@code older-than} (epoch milliseconds). Only the age protects what a writer has not committed yet.
 */
final class Orphans {
    private static final int EXAMPLES = 5;

    private final Reachable reachable = new Reachable();
    private final Set<String> seen = new HashSet<>();
    private final List<FileInfo> candidates = new ArrayList<>();
    private long files;
    private long young;

    private Orphans() {}

    static Map<String, Object> run(Table table, Map<String, String> options) {
        return run(table, options, Listing.of(table));
    }

    static Map<String, Object> run(Table table, Map<String, String> options, Listing listing) {
        long olderThan = Operations.number(options, "older-than");
        boolean dryRun = Operations.dryRun(options);
        if ("false".equals(table.properties().get(GC_ENABLED))) {
            throw new IllegalStateException(table.name() + " has " + GC_ENABLED
                    + "=false: other tables may share its files, so none is deleted");
        }
        var orphans = new Orphans();
        orphans.reachable.add(table);
        orphans.list(table, listing, olderThan);
        // Once more after the listing: files committed meanwhile are in use, although they were not at the
        // beginning.
        orphans.reachable.add(table);
        return orphans.finish(table, dryRun);
    }

    private void list(Table table, Listing listing, long olderThan) {
        String root = PathKey.of(table.location()) + "/";
        listing.each(file -> {
            String key = PathKey.of(file.location());
            if (!key.startsWith(root)) return;
            files++;
            refuseOtherTables(table, key);
            if (reachable.keys().contains(key)) seen.add(key);
            else if (PathKey.name(key).equals("version-hint.text")) return;
            else if (file.createdAtMillis() >= olderThan) young++;
            else candidates.add(file);
        });
    }

    private void refuseOtherTables(Table table, String key) {
        if (!key.endsWith(".metadata.json") && !key.endsWith(".metadata.json.gz")) return;
        String folder = PathKey.folder(key);
        // The default folder belongs to this table even if write.metadata.path has changed.
        if (reachable.metadataFolders().contains(folder) || folder.equals(PathKey.of(table.location() + "/metadata")))
            return;
        throw new IllegalStateException("another table lies below " + table.location() + " (" + key
                + "), and its files would look unused: nothing was deleted");
    }

    private Map<String, Object> finish(Table table, boolean dryRun) {
        // A file in use that was not found under its own path may have been listed under another one (a
        // link, a mount). File names are unique, so a file with that name must not be deleted.
        var missing = new HashSet<String>();
        for (String key : reachable.keys()) if (!seen.contains(key)) missing.add(PathKey.name(key));

        var paths = new ArrayList<String>();
        long bytes = 0;
        long doubtful = 0;
        for (FileInfo file : candidates) {
            String key = PathKey.of(file.location());
            if (reachable.keys().contains(key)) continue;
            if (missing.contains(PathKey.name(key))) {
                doubtful++;
                continue;
            }
            paths.add(whole(table.location(), file.location()));
            bytes += file.size();
        }
        var result = new LinkedHashMap<String, Object>();
        result.put("files", files);
        result.put("orphans", paths.size());
        result.put("bytes", bytes);
        result.put("kept", young);
        result.put("doubtful", doubtful);
        result.put("examples", List.copyOf(paths.subList(0, Math.min(EXAMPLES, paths.size()))));
        result.put("undeleted", dryRun ? 0 : Removal.remove(table.io(), paths));
        return result;
    }

    /** Iceberg's listing for Azure returns the path within the container, which it cannot delete by. */
    static String whole(String location, String path) {
        int authority = location.indexOf("://");
        if (authority < 0 || path.startsWith("/") || path.contains(":/")) return path;
        int slash = location.indexOf('/', authority + 3);
        return (slash < 0 ? location : location.substring(0, slash)) + "/" + path;
    }
}
