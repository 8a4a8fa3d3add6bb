package io.pipectl.format;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.logical.RowType;

/**
 * ROW inside a record. An unknown field is an error here: {@code extra_fields} holds only those of the record
 * itself, and has no place for one of an element somewhere inside an array.
 */
final class NestedRowReader extends ValueReader {

    private final RowType type;
    private final FieldTable fields;
    private final ValueReader[] readers;

    NestedRowReader(RowType type) {
        super(type);
        this.type = type;
        fields = new FieldTable(type.getFieldNames());
        readers = type.getChildren().stream().map(ValueReaders::of).toArray(ValueReader[]::new);
    }

    @Override
    protected Object value(JsonParser parser, JsonToken token) throws IOException, BadValue {
        if (token != JsonToken.START_OBJECT) {
            throw refused(parser);
        }
        fields.begin();
        GenericRowData row = new GenericRowData(readers.length);
        int field = -1;
        for (int next = fields.next(parser, field); next != FieldTable.END; next = fields.next(parser, field)) {
            if (next == FieldTable.UNKNOWN) {
                throw new BadValue("unknown field in a ROW");
            }
            field = next;
            row.setField(field, readers[field].read(parser, parser.nextToken()));
        }
        for (int i = 0; i < readers.length; i++) {
            if (!readers[i].nullable() && !fields.seen(i)) {
                throw new BadValue(
                        "object has no " + Describe.name(type.getFieldNames().get(i)) + ", which is declared NOT NULL");
            }
        }
        return row;
    }
}
