package io.pipectl.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.apache.iceberg.io.CloseableIterable;

/** Reads all items of a file through Iceberg, and closes it. */
final class Closing {
    private Closing() {}

    static <T> void each(CloseableIterable<T> items, Consumer<T> use) {
        try (items) {
            items.forEach(use);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
