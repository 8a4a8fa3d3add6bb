package io.pipectl.format;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.types.logical.ArrayType;

/** ARRAY from a JSON array, element by element. */
final class ArrayReader extends ValueReader {

    private final ValueReader element;

    ArrayReader(ArrayType type) {
        super(type);
        element = ValueReaders.of(type.getElementType());
    }

    @Override
    protected Object value(JsonParser parser, JsonToken token) throws IOException, BadValue {
        if (token != JsonToken.START_ARRAY) {
            throw refused(parser);
        }
        List<Object> elements = new ArrayList<>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
            elements.add(element.read(parser, t));
        }
        return new GenericArrayData(elements.toArray());
    }
}
