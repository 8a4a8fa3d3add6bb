package io.pipectl.format;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactoryBuilder;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.StreamReadConstraints;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.util.JsonRecyclerPools;

/** The JSON parser as this format needs it: RFC 8259 and nothing beside it, UTF-8 only. */
final class ParserFactory {

    static final int MAX_DEPTH = 1000;
    static final int MAX_NAME = 50_000;

    private final JsonFactory factory = new JsonFactoryBuilder()
            // UTF-16 and UTF-32 would be guessed otherwise; a byte order mark is dealt with before.
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            // Names vary without bound in maps and unknown fields: they must neither fill the JVM's table of constants
            // nor be refused because their hashes collide.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(NumberReader.MAX_LENGTH)
                    .maxNameLength(MAX_NAME)
                    // Kafka bounds a record's size already, and any text in it is worth keeping.
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    JsonParser parse(byte[] bytes, int from, int to) throws IOException {
        return factory.createParser(bytes, from, to - from);
    }
}
