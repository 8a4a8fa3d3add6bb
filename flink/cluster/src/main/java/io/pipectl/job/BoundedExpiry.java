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
 * A table as an expiry sees it: its own settings may keep more than the arguments say, but never less.
 *
 * <p>In Iceberg the arguments win over {@code history.expire.max-snapshot-age-ms} and {@code min-snapshots-to-keep}, but a
 * branch's own settings win over the arguments, and {@code history.expire.max-ref-age-ms} drops tags and branches, for
 * which there is no argument. A running stream breaks when fewer snapshots stay than it was promised. Because they win, a
 * setting of main is also how {@link KeepFrom} keeps more of main alone, and as main is at each try of the commit.
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

    /** The table as it was when the commit was made. */
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

    /** Takes over what goes, and nothing of what was changed for the eyes of the expiry; a dry run only notes it. */
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
     * A catalog takes a removal of snapshots whatever refs name them, and drops these: somebody who has just set a branch or a
     * tag to one that is to go comes first. What comes between this look and the catalog's answer nobody can see.
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
