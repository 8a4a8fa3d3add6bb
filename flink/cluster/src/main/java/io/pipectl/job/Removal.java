package io.pipectl.job;

import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.apache.iceberg.util.Tasks;
import org.apache.iceberg.util.ThreadPools;

/** Deletes unreferenced files. */
final class Removal {
    private Removal() {}

    /**
     * Returns the number of files that could not be deleted. They do no harm, and the next search for orphans
     * finds them.
     */
    static int remove(FileIO io, Collection<String> paths) {
        if (paths.isEmpty()) return 0;
        if (io instanceof SupportsBulkOperations bulk) {
            try {
                bulk.deleteFiles(paths);
                return 0;
            } catch (BulkDeletionFailureException failed) {
                return failed.numberFailedObjects();
            }
        }
        var failed = new AtomicInteger();
        Tasks.foreach(paths)
                .executeWith(ThreadPools.getWorkerPool())
                .retry(3)
                .stopRetryOn(NotFoundException.class)
                .suppressFailureWhenFinished()
                .onFailure((path, error) -> failed.incrementAndGet())
                .run(io::deleteFile);
        return failed.get();
    }
}
