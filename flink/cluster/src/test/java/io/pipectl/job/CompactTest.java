package io.pipectl.job;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactTest {
    private static final Map<String, String> OPTIONS =
            MaintenanceLake.options("target-bytes", 512L << 20, "min-input-files", 5);

    @TempDir
    Path temp;

    /** Six small files would be enough, but no partition has five. */
    @Test
    void gainsOnlyWhereOnePartitionHasEnoughFiles() throws Exception {
        var table = new MaintenanceLake(temp).table("files");
        assertFalse(Compact.gains(table, OPTIONS));
        MaintenanceLake.append(table, "a", "a", "b", "b", "c", "c");
        assertFalse(Compact.gains(table, OPTIONS));
        MaintenanceLake.append(table, "b", "b", "b");
        assertTrue(Compact.gains(table, OPTIONS));
    }
}
