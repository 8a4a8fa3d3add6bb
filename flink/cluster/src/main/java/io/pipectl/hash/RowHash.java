package io.pipectl.hash;

import io.pipectl.canonical.Entry;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code f(incarnation, partition, offset, value_hash)}: the hash of a row at its place in Kafka. So a row that was put
 * in another one's place, with the same values, is seen, too. NULL if any of them is.
 */
public final class RowHash extends ScalarFunction {

    private static final long serialVersionUID = 1L;

    public Long eval(Long incarnation, Long partition, Long offset, Long valueHash) {
        return incarnation == null || partition == null || offset == null || valueHash == null
                ? null
                : (Long) Entry.placed(valueHash, incarnation, partition, offset);
    }
}
