package io.pipectl.format;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.CharType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;

/** Readers of the types that hold other types. */
final class Nested {

    private Nested() {}

    static ValueReader arrays(String name, ArrayType type) {
        ValueReader elements = ValueReaders.orNull(type.getElementType());
        return at -> {
            JsonParser parser = at.parser;
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                throw at.isNo(name);
            }
            List<Object> values = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                values.add(elements.read(at));
            }
            return new GenericArrayData(values.toArray());
        };
    }

    static ValueReader maps(String name, MapType type) {
        ValueReader values = ValueReaders.orNull(type.getValueType());
        String keyType = type.getKeyType().asSummaryString();
        int longestKey = length(type.getKeyType());
        return at -> {
            JsonParser parser = at.parser;
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw at.isNo(name);
            }
            Map<StringData, Object> map = new HashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                StringData key = StringData.fromString(parser.currentName());
                if (map.containsKey(key)) {
                    throw at.fault("sent twice");
                }
                if (Texts.tooLong(key, longestKey)) {
                    throw at.fault("the name is no " + keyType + ": too long");
                }
                parser.nextToken();
                map.put(key, values.read(at));
            }
            return new GenericMapData(map);
        };
    }

    static ValueReader rows(String name, RowType type) {
        RowReader rows = new RowReader(type);
        return at -> {
            if (at.parser.currentToken() != JsonToken.START_OBJECT) {
                throw at.isNo(name);
            }
            return rows.read(at, null);
        };
    }

    private static int length(LogicalType text) {
        return text instanceof CharType c ? c.getLength() : ((VarCharType) text).getLength();
    }
}
