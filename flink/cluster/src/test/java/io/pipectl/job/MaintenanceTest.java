package io.pipectl.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole job: its arguments, and one result per operation. */
class MaintenanceTest {
    @TempDir
    Path temp;

    private List<String> maintain(MaintenanceLake lake, String work) throws Exception {
        var options = MaintenanceLake.options(
                "name", "test", "catalog.type", "hadoop", "catalog.warehouse", "file:" + lake.warehouse, "work", work);
        return Maintenance.execute(StreamExecutionEnvironment.createLocalEnvironment(), options)
                .getAccumulatorResult("result");
    }

    @Test
    void oneAfterTheOtherWhateverBecomesOfEach() throws Exception {
        var lake = new MaintenanceLake(temp);
        Table table = lake.table("stops");
        for (int i = 0; i < 3; i++) MaintenanceLake.append(table, "ü");
        var results = maintain(lake, """
                [{"task": "manifests", "namespace": "db", "table": "stops", "dry-run": "false"},
                 {"task": "expire", "namespace": "db", "table": "gone", "dry-run": "true"},
                 {"task": "expire", "namespace": "db", "table": "stops", "dry-run": "false", "older-than": "1d"},
                 {"task": "position", "checkpoint": "file:%s"},
                 {"task": "expire", "namespace": "db", "table": "stops", "dry-run": "false", "older-than": "%d",
                  "retain-last": "1", "keep-from": ""}]
                """.formatted(temp.resolve("gone"), System.currentTimeMillis() + 60_000));
        assertEquals(5, results.size(), results.toString());
        assertEquals("{\"manifestsBefore\":3,\"manifestsAfter\":1}", results.get(0));
        assertEquals("{\"error\":\"NoSuchTableException: Table does not exist: db.gone\"}", results.get(1));
        assertEquals("{\"error\":\"older-than 1d: a whole number is needed\"}", results.get(2));
        String missing = "{\"error\":\"FileNotFoundException: " + temp.resolve("gone/_metadata");
        assertTrue(results.get(3).startsWith(missing), results.get(3));
        // The last operation sees the commit of the first one.
        assertTrue(results.get(4).startsWith("{\"snapshotsBefore\":4,\"snapshotsAfter\":1,"), results.get(4));
        MaintenanceLake.assertExact(table);
    }

    @Test
    void wrongArgumentsAreSaidBeforeThereIsAJob() {
        assertEquals("--work is missing", message(null));
        for (String malformed : List.of(
                "",
                "expire",
                "[",
                "{\"task\":\"expire\"}",
                "[[]]",
                "[1]",
                "null",
                "[null]",
                "[] []",
                "[{\"task\":\"expire\",\"table\":{}}]")) {
            assertTrue(message(malformed).startsWith("--work is no JSON array of flat objects: "), malformed);
        }
        assertEquals("task is missing", message("[{}]"));
        assertEquals(
                "task vacuum: one of [deletes, expire, files, manifests, orphans, position, rows, unreadable] is needed",
                message("[{\"task\":\"expire\"},{\"task\":\"vacuum\"}]"));
    }

    private static String message(String work) {
        var options = MaintenanceLake.options("name", "test");
        if (work != null) options.put("work", work);
        var error = assertThrows(IllegalArgumentException.class, () -> Maintenance.execute(null, options));
        assertEquals(error, Failure.cause(error));
        return error.getMessage();
    }
}
