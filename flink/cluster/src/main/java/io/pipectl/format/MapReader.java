package io.pipectl.format;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.MapType;

/** MAP with text keys from a JSON object. A duplicate key is refused, because one of its two values would be lost. */
final class MapReader extends ValueReader {

    private final TextReader key;
    private final ValueReader element;

    MapReader(MapType type) {
        super(type);
        key = new TextReader(type.getKeyType());
        element = ValueReaders.of(type.getValueType());
    }

    @Override
    protected Object value(JsonParser parser, JsonToken token) throws IOException, BadValue {
        if (token != JsonToken.START_OBJECT) {
            throw refused(parser);
        }
        Map<StringData, Object> entries = new LinkedHashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            if (!key.fits(name)) {
                throw new BadValue("the key is too long for the MAP");
            }
            StringData entry = StringData.fromString(name);
            if (entries.containsKey(entry)) {
                throw new BadValue(FieldTable.TWICE);
            }
            entries.put(entry, element.read(parser, parser.nextToken()));
        }
        return new GenericMapData(entries);
    }
}
