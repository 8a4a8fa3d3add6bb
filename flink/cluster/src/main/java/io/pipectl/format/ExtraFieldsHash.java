package io.pipectl.format;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** The entries of a row's {@code extra_fields}, as the reader made them when it wrote the text. */
public final class ExtraFieldsHash {

    private final ParserFactory parsers = new ParserFactory();
    private final UnknownEntries entries = new UnknownEntries();

    /**
     * The sum of the entries.
     *
     * @param utf8 a JSON object
     * @throws IOException if it is none: then pipectl did not write it
     */
    public long sum(byte[] utf8) throws IOException {
        entries.begin();
        try (JsonParser parser = parsers.parse(utf8, 0, utf8.length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no object");
            }
            int depth = 1;
            while (depth > 0) {
                JsonToken token = parser.nextToken();
                if (token == null) {
                    throw new IOException("the end is missing");
                }
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (depth > 0) {
                    entries.take(parser, token);
                }
            }
            if (parser.nextToken() != null) {
                throw new IOException("more after the object");
            }
        }
        return entries.sum();
    }
}
