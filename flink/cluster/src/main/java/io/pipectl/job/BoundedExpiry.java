package io.pipectl.job;

import static org.apache.iceberg.SnapshotRef.MAIN_BRANCH;
import static org.apache.iceberg.TableProperties.MAX_REF_AGE_MS;

import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/**
 * An expiry's view of a table: the table's own settings may keep more than the arguments, but never less.
 *
 * <p>In Iceberg the arguments take precedence over {@code history.expire.max-snapshot-age-ms} and {@code
 * min-snapshots-to-keep}, but a branch's own settings take precedence over the arguments, and {@code
 * history.expire.max-ref-age-ms} drops tags and branches, for which there is no argument. A running stream breaks
 * when fewer snapshots stay than it needs. On the other hand, a setting of main lets {@link KeepFrom} keep more
 * snapshots of main alone, counted anew at each try of the commit.
 */
final class BoundedExpiry implements TableOperations {
    private final TableOperations table;
    private final long olderThan;
    private final int retainLast;
    private final KeepFrom keepFrom;
    private final boolean dryRun;
    private final Set<Long> expired = new LinkedHashSet<>();
    private final Set<String> droppedRefs = new LinkedHashSet<>();
    private TableMetadata actual;
    private TableMetadata seen;
    private TableMetadata base;

    BoundedExpiry(TableOperations table, long olderThan, int retainLast, KeepFrom keepFrom, boolean dryRun) {
        this.table = table;
        this.olderThan = olderThan;
        this.retainLast = retainLast;
        this.keepFrom = keepFrom;
        this.dryRun = dryRun;
        see(table.refresh());
    }

    /** The table before the commit. */
    TableMetadata base() {
        return base;
    }

    Set<Long> expired() {
        return expired;
    }

    Set<String> droppedRefs() {
        return droppedRefs;
    }

    @Override
    public TableMetadata current() {
        return seen;
    }

    @Override
    public TableMetadata refresh() {
        return see(table.refresh());
    }

    private TableMetadata see(TableMetadata metadata) {
        long age = Math.max(1, System.currentTimeMillis() - olderThan);
        int ofMain = Math.max(retainLast, keepFrom.count(metadata));
        var builder = TableMetadata.buildFrom(metadata);
        if (metadata.properties().containsKey(MAX_REF_AGE_MS)) builder.removeProperties(Set.of(MAX_REF_AGE_MS));
        metadata.refs().forEach((name, ref) -> {
            if (ref.isBranch()) builder.setRef(name, atLeast(ref, name.equals(MAIN_BRANCH) ? ofMain : retainLast, age));
        });
        actual = metadata;
        seen = builder.discardChanges().build();
        return seen;
    }

    private static SnapshotRef atLeast(SnapshotRef ref, int count, long age) {
        var builder = SnapshotRef.builderFrom(ref);
        builder.minSnapshotsToKeep(
                ref.minSnapshotsToKeep() == null ? count : Math.max(count, ref.minSnapshotsToKeep()));
        if (ref.maxSnapshotAgeMs() != null) builder.maxSnapshotAgeMs(Math.max(age, ref.maxSnapshotAgeMs()));
        return builder.build();
    }

    /**
     * Applies the removals to the actual table, without the settings that were changed for the expiry. A dry run
     * only records them.
     */
    @Override
    public void commit(TableMetadata base, TableMetadata updated) {
        this.base = base;
        expired.clear();
        base.snapshots().stream().map(Snapshot::snapshotId).forEach(expired::add);
        updated.snapshots().stream().map(Snapshot::snapshotId).forEach(expired::remove);
        droppedRefs.clear();
        droppedRefs.addAll(base.refs().keySet());
        droppedRefs.removeAll(updated.refs().keySet());
        if (dryRun || expired.isEmpty() && droppedRefs.isEmpty()) return;
        refuseRefsSetSince();
        var builder = TableMetadata.buildFrom(actual);
        droppedRefs.forEach(builder::removeRef);
        table.commit(actual, builder.removeSnapshots(expired).build());
    }

    /**
     * A catalog removes snapshots whatever refs point to them, and drops these refs. A branch or tag that was
     * just set to an expired snapshot must win. A change between this check and the catalog's commit cannot be
     * noticed.
     */
    private void refuseRefsSetSince() {
        table.refresh().refs().forEach((name, ref) -> {
            if (!droppedRefs.contains(name) && expired.contains(ref.snapshotId())) {
                throw new CommitFailedException("%s was set to snapshot %s meanwhile", name, ref.snapshotId());
            }
        });
    }

    @Override
    public FileIO io() {
        return table.io();
    }

    @Override
    public EncryptionManager encryption() {
        return table.encryption();
    }

    @Override
    public String metadataFileLocation(String fileName) {
        return table.metadataFileLocation(fileName);
    }

    @Override
    public LocationProvider locationProvider() {
        return table.locationProvider();
    }
}
