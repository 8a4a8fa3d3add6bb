package io.pipectl.job;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.type.TypeReference;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * The operations of {@link Maintenance}: a JSON array of flat objects of strings. Each has a {@code task}; all but
 * {@code position} have a {@code namespace} and a {@code table}; those that can be tried have {@code dry-run} ({@code
 * true} or {@code false}). The other options are those of {@link Expiry}, {@link ManifestRewrite}, {@link Orphans},
 * {@link Position}, {@link UnreadableFiles} and {@link RowRewrite}.
 */
final class Operations {
    private static final Set<String> TASKS =
            Set.of("expire", "manifests", "orphans", "position", "unreadable", "files", "rows", "deletes");
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Operations() {}

    static List<Map<String, String>> parse(String work) {
        if (work == null) throw new IllegalArgumentException("--work is missing");
        List<Map<String, String>> operations;
        try {
            operations = JSON.readValue(work, new TypeReference<>() {});
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException(
                    "--work is no JSON array of flat objects: " + malformed.getOriginalMessage());
        }
        if (operations == null || operations.contains(null)) {
            throw new IllegalArgumentException("--work is no JSON array of flat objects: it has a null");
        }
        for (var operation : operations) {
            String task = required(operation, "task");
            if (TASKS.contains(task)) continue;
            throw new IllegalArgumentException("task " + task + ": one of " + new TreeSet<>(TASKS) + " is needed");
        }
        return operations;
    }

    static String json(Map<String, Object> result) throws JsonProcessingException {
        return JSON.writeValueAsString(result);
    }

    /** Flink reports the innermost cause, so an exception with pipectl's own message has no cause. */
    static long number(Map<String, String> operation, String option) {
        String value = required(operation, option);
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(option + " " + value + ": a whole number is needed");
        }
    }

    /** Only the word false lets a task delete, so that a typing error does not. */
    static boolean dryRun(Map<String, String> operation) {
        String value = required(operation, "dry-run");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("dry-run " + value + ": true or false is needed");
        };
    }

    static String required(Map<String, String> operation, String option) {
        String value = operation.get(option);
        if (value == null) throw new IllegalArgumentException(option + " is missing");
        return value;
    }
}
