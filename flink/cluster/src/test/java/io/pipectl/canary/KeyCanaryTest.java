package io.pipectl.canary;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.NettyShuffleEnvironmentOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.taskexecutor.TaskExecutorResourceUtils;
import org.apache.flink.table.api.config.TableConfigOptions;
import org.apache.flink.table.client.config.SqlClientOptions;
import org.apache.iceberg.actions.BinPackRewriteFilePlanner;
import org.apache.iceberg.flink.FlinkConfigOptions;
import org.apache.iceberg.flink.FlinkReadOptions;
import org.apache.iceberg.flink.FlinkWriteOptions;
import org.apache.iceberg.flink.maintenance.api.FlinkMaintenanceConfig;
import org.apache.iceberg.flink.maintenance.api.RewriteDataFilesConfig;
import org.junit.jupiter.api.Test;

/** Keys of settings: Flink and Iceberg silently ignore unknown ones. */
class KeyCanaryTest {
    private static final Path ROOT = Path.of("..", "..");
    private static final Pattern CONF = Pattern.compile("(?m)^ +\"?([a-z][\\w-]*(?:\\.[\\w-]+)+)\"?: ");
    private static final Pattern SET = Pattern.compile("\\bSET '([a-z][\\w.-]+)' = ");
    private static final Pattern HINT = Pattern.compile("OPTIONS\\(([^)]*)\\)");
    private static final Pattern OPTION = Pattern.compile("'([a-z][a-z.-]+)' = ");

    @Test
    void ofTheCluster() throws IOException {
        var canary = new Canary(
                "src/runtime/local/conf.ts (flinkConf)",
                "the key in the new version's configuration reference; in CLUSTER of this test is each class that has one");
        canary.same(Set.of(), without(keys(conf(), CONF, 25), known(CLUSTER)));
    }

    /**
     * Flink's start scripts would fill in missing settings (BashJavaUtils), but pipectl starts the classes
     * without them.
     */
    @Test
    void memoryOfATaskManager() throws IOException {
        var canary = new Canary(
                "src/runtime/local/conf.ts (taskManagerMemory) and src/runtime/local/services.ts",
                "TaskExecutorResourceUtils.CONFIG_OPTIONS: a TaskManager does not start unless each of them is set");
        var options = (List<?>) canary.constant(TaskExecutorResourceUtils.class, "CONFIG_OPTIONS");
        var needed = options.stream().map(one -> ((ConfigOption<?>) one).key()).collect(Collectors.toSet());
        canary.same(Set.of(), without(needed, keys(conf(), CONF, 25)));
    }

    @Test
    void ofASession() throws IOException {
        var canary = new Canary(
                "SQL (grep -rn \"SET '\" templates src)",
                "the key in the new version's configuration reference; in SESSION of this test is each class that has one");
        String text = all("templates", ".tmpl") + all("src", ".ts");
        canary.same(Set.of(), without(keys(text, SET, 15), known(SESSION)));
    }

    @Test
    void ofATableHint() throws IOException {
        var canary = new Canary(
                "SQL that reads a table as of a snapshot, follows it or compacts it (grep -rn 'OPTIONS(' templates src)",
                "FlinkReadOptions, FlinkWriteOptions, RewriteDataFilesConfig and SizeBasedFileRewritePlanner of Iceberg");
        var hints = HINT.matcher(all("test/unit", ".ts") + all("test/unit", ".sql"))
                .results()
                .map(hint -> hint.group(1))
                .collect(Collectors.joining("\n"));
        Set<String> known = known(List.of(
                FlinkReadOptions.class,
                FlinkWriteOptions.class,
                FlinkMaintenanceConfig.class,
                RewriteDataFilesConfig.class));
        known.add(RewriteDataFilesConfig.PREFIX + BinPackRewriteFilePlanner.MIN_FILE_SIZE_BYTES);
        known.add(RewriteDataFilesConfig.PREFIX + BinPackRewriteFilePlanner.MAX_FILE_GROUP_SIZE_BYTES);
        canary.same(Set.of(), without(keys(hints, OPTION, 10), known));
    }

    private static final List<Class<?>> CLUSTER = List.of(
            CheckpointingOptions.class,
            CoreOptions.class,
            JobManagerOptions.class,
            MetricOptions.class,
            NettyShuffleEnvironmentOptions.class,
            RestOptions.class,
            TaskManagerOptions.class,
            WebOptions.class);

    private static final List<Class<?>> SESSION = List.of(
            CheckpointingOptions.class,
            CoreOptions.class,
            ExecutionOptions.class,
            FlinkConfigOptions.class,
            PipelineOptions.class,
            RestartStrategyOptions.class,
            SqlClientOptions.class,
            StateBackendOptions.class,
            StateRecoveryOptions.class,
            TableConfigOptions.class);

    /**
     * The keys of all options that are static fields of these classes. A key that is only still read does not
     * count.
     */
    private static Set<String> known(List<Class<?>> classes) {
        return classes.stream()
                .flatMap(type -> Arrays.stream(type.getFields()))
                .filter(field -> Modifier.isStatic(field.getModifiers()))
                .flatMap(field -> {
                    try {
                        Object value = field.get(null);
                        if (value instanceof ConfigOption<?> option) return Stream.of(option.key());
                        return value instanceof String key ? Stream.of(key) : Stream.of();
                    } catch (IllegalAccessException hidden) {
                        throw new AssertionError(hidden);
                    }
                })
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static Set<String> keys(String text, Pattern pattern, int atLeast) {
        var keys = pattern.matcher(text).results().map(key -> key.group(1)).collect(Collectors.toSet());
        if (keys.size() < atLeast) {
            throw new AssertionError("this test does not find our keys any more, only " + keys + ": mend its pattern");
        }
        return keys;
    }

    private static Set<String> without(Set<String> keys, Set<String> others) {
        var rest = new TreeSet<>(keys);
        rest.removeAll(others);
        return rest;
    }

    private static String conf() throws IOException {
        String text = Files.readString(ROOT.resolve("src/runtime/local/conf.ts"));
        int start = text.indexOf("function flinkConf");
        return text.substring(start, text.indexOf("Object.entries", start));
    }

    private static String all(String folder, String ending) throws IOException {
        try (var files = Files.walk(ROOT.resolve(folder))) {
            var text = new StringBuilder();
            for (Path file :
                    files.filter(path -> path.toString().endsWith(ending)).toList()) {
                text.append(Files.readString(file)).append('\n');
            }
            return text.toString();
        }
    }
}
