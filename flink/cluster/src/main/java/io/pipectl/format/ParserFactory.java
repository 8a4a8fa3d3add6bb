package io.pipectl.format;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactoryBuilder;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.StreamReadConstraints;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.util.JsonRecyclerPools;

/** The JSON parser as this format needs it: strictly RFC 8259, and UTF-8 only. */
final class ParserFactory {

    static final int MAX_DEPTH = 1000;
    static final int MAX_NAME = 50_000;

    private final JsonFactory factory = new JsonFactoryBuilder()
            // Otherwise UTF-16 and UTF-32 would be detected; a byte order mark is handled before.
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            // The names in maps and unknown fields are unbounded: they must not fill the JVM's string
            // table, and must not be refused because their hashes collide.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(NumberReader.MAX_LENGTH)
                    .maxNameLength(MAX_NAME)
                    // Kafka already limits the size of a record, and all of its text should be
                    // kept.
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    JsonParser parse(byte[] bytes, int from, int to) throws IOException {
        return factory.createParser(bytes, from, to - from);
    }
}
