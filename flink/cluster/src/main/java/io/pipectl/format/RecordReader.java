package io.pipectl.format;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;

/**
 * Parses a record in one pass over its bytes, and returns exactly one row whatever they are. Not thread-safe.
 *
 * <p>RFC 8259 allows a reader to ignore a byte order mark at the beginning. This one ignores it: it is not part of
 * any value.
 */
final class RecordReader {

    private final ParserFactory parsers = new ParserFactory();
    private final Diagnosis diagnosis = new Diagnosis(parsers);
    private final FieldTable fields;
    private final List<String> names;
    private final ValueReader[] readers;
    /** Fields that every record must have. */
    private final int[] notNull;
    /** For each column of the schema, its position in the row, or -1 if the column is checked but not requested. */
    private final int[] places;

    private final int columns;
    private final RecordMetadata[] metadata;
    private final PlainReader plain;
    private final UnknownFields unknown;
    /** Null if nobody asks for it. */
    private final RecordHash hash;

    RecordReader(RowType schema, int[] columns, RecordMetadata[] metadata) {
        names = schema.getFieldNames();
        fields = new FieldTable(names);
        readers = schema.getChildren().stream().map(ValueReaders::of).toArray(ValueReader[]::new);
        notNull = IntStream.range(0, readers.length)
                .filter(i -> !readers[i].nullable())
                .toArray();
        places = new int[readers.length];
        Arrays.fill(places, -1);
        for (int i = 0; i < columns.length; i++) {
            places[columns[i]] = i;
        }
        this.columns = columns.length;
        this.metadata = metadata;
        List<RecordMetadata> wanted = Arrays.asList(metadata);
        hash = wanted.contains(RecordMetadata.VALUE_HASH) ? new RecordHash(schema) : null;
        plain = new PlainReader(fields, readers, places, hash);
        unknown = new UnknownFields(wanted.contains(RecordMetadata.EXTRA_FIELDS), hash == null ? null : hash.unknown());
    }

    /** A row of the requested columns and metadata; {@code null} bytes are a tombstone. */
    GenericRowData read(byte[] bytes) {
        GenericRowData row = new GenericRowData(columns + metadata.length);
        String error = fill(row, bytes);
        if (error != null) {
            // Columns that were read before the error must not look like data.
            row = new GenericRowData(columns + metadata.length);
        }
        for (int i = 0; i < metadata.length; i++) {
            row.setField(
                    columns + i,
                    switch (metadata[i]) {
                        case PARSE_ERROR -> text(error);
                        case RAW_VALUE -> error == null ? null : bytes;
                        case EXTRA_FIELDS -> error == null ? text(unknown.json()) : null;
                        case VALUE_HASH -> error == null ? hash.value() : null;
                    });
        }
        return row;
    }

    /**
     * The error for a missing NOT NULL field, or null. It costs nothing without such fields, which is the usual
     * case.
     */
    private String missing() {
        for (int field : notNull) {
            if (!fields.seen(field)) {
                return "field: " + Describe.field(names.get(field)) + ": is missing, but declared NOT NULL";
            }
        }
        return null;
    }

    private static StringData text(String text) {
        return text == null ? null : StringData.fromString(text);
    }

    /** Null if the record is good, else the error. */
    private String fill(GenericRowData row, byte[] bytes) {
        if (bytes == null) {
            return "tombstone: null value";
        }
        if (bytes.length == 0) {
            return "empty: zero bytes";
        }
        int from = begin(bytes);
        boolean ascii = TextCheck.plain(bytes);
        if (!ascii) {
            String error = textError(bytes, from);
            if (error != null) {
                return error;
            }
        }
        if (from == bytes.length) {
            return "empty: blanks only";
        }
        if (bytes[from] != '{') {
            return diagnosis.notObject(bytes, from);
        }
        try {
            String error = ascii && plain(row, bytes, from) ? null : parsed(row, bytes, from);
            return error == null ? missing() : error;
        } catch (IOException | RuntimeException e) {
            // No known record leads here. If one does, it is kept as a dead letter, and the job
            // continues.
            return "not_json: unreadable";
        }
    }

    /** Index of the first significant byte: after a byte order mark and blanks. */
    private static int begin(byte[] bytes) {
        int i = bytes.length >= 3 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb && bytes[2] == (byte) 0xbf
                ? 3
                : 0;
        while (i < bytes.length && (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == '\n' || bytes[i] == '\r')) {
            i++;
        }
        return i;
    }

    private String textError(byte[] bytes, int from) {
        int at = TextCheck.invalidUtf8(bytes);
        if (at >= 0) {
            return diagnosis.badText(bytes, from, at, "invalid UTF-8");
        }
        at = TextCheck.loneSurrogate(bytes);
        return at < 0 ? null : diagnosis.badText(bytes, from, at, "a lone surrogate");
    }

    private boolean plain(GenericRowData row, byte[] bytes, int from) {
        begin();
        // If the fast path gives up, the row is partly filled; the parser sets the same fields again.
        return plain.read(row, bytes, from);
    }

    private String parsed(GenericRowData row, byte[] bytes, int from) throws IOException {
        try (JsonParser parser = parsers.parse(bytes, from, bytes.length)) {
            return object(row, parser, from);
        }
    }

    private String object(GenericRowData row, JsonParser parser, int from) {
        boolean closed = false;
        try {
            parser.nextToken();
            boolean known = fields(row, parser);
            closed = true;
            if (parser.nextToken() != null) {
                return "trailing: more after the object";
            }
            // A record whose fields all have no column is a good one: extra_fields has them.
            return known || unknown.any() ? null : "no_known_field: the object is empty";
        } catch (BadValue e) {
            return "field: " + Describe.path(parser) + ": " + e.getMessage();
        } catch (IOException e) {
            return closed ? "trailing: more after the object" : Diagnosis.unreadable(e, parser, from);
        }
    }

    private boolean fields(GenericRowData row, JsonParser parser) throws IOException, BadValue {
        fields.begin();
        begin();
        int field = -1;
        for (int next = fields.next(parser, field); next != FieldTable.END; next = fields.next(parser, field)) {
            if (next == FieldTable.UNKNOWN) {
                unknown.take(parser);
                continue;
            }
            field = next;
            Object value = readers[field].read(parser, parser.nextToken());
            int place = places[field];
            if (place >= 0) {
                row.setField(place, value);
            }
            if (hash != null) {
                hash.add(field, value);
            }
        }
        return field >= 0;
    }

    private void begin() {
        unknown.begin();
        if (hash != null) {
            hash.begin();
        }
    }
}
