package io.pipectl.job;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.util.ParameterTool;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.flink.CatalogLoader;
import org.apache.iceberg.flink.TableLoader;

/** The catalog and the tables of a pipectl job, from its arguments. */
final class Lake {
    private Lake() {}

    /** The job's arguments, as a map that can be sent to a task. */
    static Map<String, String> options(String[] args) {
        return new HashMap<>(ParameterTool.fromArgs(args).toMap());
    }

    /** Work with a catalog, in a JVM that has Iceberg and can access the files. */
    interface Work<T> {
        T with(Catalog catalog) throws Exception;
    }

    /** Runs the work with the catalog that the {@code --catalog.KEY} options describe. */
    static <T> T open(Map<String, String> options, Work<T> work) throws Exception {
        Catalog catalog = CatalogUtil.buildIcebergCatalog("lake", properties(options), new Configuration());
        try (var closeable = (AutoCloseable) catalog) {
            return work.with(catalog);
        }
    }

    /** The table named by {@code namespace} and {@code table}. */
    static Table table(Catalog catalog, Map<String, String> options) {
        return catalog.loadTable(identifier(options));
    }

    /** The same table for Flink's operators, each of which loads it itself. */
    static TableLoader loader(Map<String, String> options) {
        return TableLoader.fromCatalog(
                CatalogLoader.rest("lake", new Configuration(), properties(options)), identifier(options));
    }

    private static TableIdentifier identifier(Map<String, String> options) {
        return TableIdentifier.of(options.get("namespace"), options.get("table"));
    }

    private static Map<String, String> properties(Map<String, String> options) {
        var properties = new HashMap<String, String>(Map.of("type", "rest"));
        options.forEach((option, value) -> {
            if (option.startsWith("catalog.")) properties.put(option.substring("catalog.".length()), value);
        });
        return properties;
    }
}
