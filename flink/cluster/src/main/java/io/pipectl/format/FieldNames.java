package io.pipectl.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.functions.TableFunction;

/**
 * {@code TABLE(f(json))}: a row for each top-level name of a JSON object, such as {@code extra_fields}; none for
 * NULL.
 */
public final class FieldNames extends TableFunction<String> {

    private static final long serialVersionUID = 1L;

    private transient ParserFactory parsers;

    /** @throws IllegalStateException if the text is not JSON, which pipectl has written itself */
    public void eval(String json) {
        if (json == null) {
            return;
        }
        if (parsers == null) {
            parsers = new ParserFactory();
        }
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        try (JsonParser parser = parsers.parse(bytes, 0, bytes.length)) {
            parser.nextToken();
            for (JsonToken token = parser.nextToken(); token == JsonToken.FIELD_NAME; token = parser.nextToken()) {
                collect(parser.currentName());
                parser.nextToken();
                parser.skipChildren();
            }
        } catch (IOException e) {
            throw new IllegalStateException("no JSON: " + e.getMessage(), e);
        }
    }
}
