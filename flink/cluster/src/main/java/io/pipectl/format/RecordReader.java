package io.pipectl.format;

import java.io.IOException;
import java.util.Arrays;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactoryBuilder;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.StreamReadConstraints;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.json.JsonReadFeature;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;

/** One record's bytes to one row: the columns if the record is good, the reason and the bytes if it is not. */
final class RecordReader {

    private final int columns;
    private final Metadata[] metadata;
    private final RowReader rows;
    private final ExtraFields extras;
    private final JsonFactory json = factory();
    private final Utf8 utf8 = new Utf8();
    private final Cursor at = new Cursor();

    RecordReader(RowType physical, Metadata[] metadata) {
        this.columns = physical.getFieldCount();
        this.metadata = metadata;
        this.rows = new RowReader(physical, metadata.length);
        this.extras = new ExtraFields(Arrays.asList(metadata).contains(Metadata.EXTRA_FIELDS));
    }

    RowData read(byte[] message) {
        try {
            return good(parse(message));
        } catch (BadRecord e) {
            return bad(e.getMessage(), message);
        }
    }

    private GenericRowData parse(byte[] message) {
        if (message == null) {
            throw new BadRecord("tombstone: null value");
        }
        if (message.length == 0) {
            throw new BadRecord("empty: zero bytes");
        }
        // A byte order mark in front changes no value, and RFC 8259 lets a reader ignore it.
        int start = startsWithMark(message) ? 3 : 0;
        checkBytes(message, start);
        at.bytes = message;
        at.start = start;
        at.end = message.length;
        at.escapes = utf8.backslash;
        try (JsonParser parser = json.createParser(message, start, message.length - start)) {
            at.parser = parser;
            return parse(parser);
        } catch (JsonProcessingException e) {
            throw new BadRecord(JsonFaults.describe(e, at));
        } catch (BadRecord e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Not known to occur. But a job that dies of one record, again after each restart, is the worse surprise.
            throw new BadRecord("not_json: unreadable");
        } finally {
            at.bytes = null;
            at.parser = null;
        }
    }

    private GenericRowData parse(JsonParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        if (token != JsonToken.START_OBJECT) {
            throw new BadRecord(token == null ? "empty: only white space" : "not_object: " + JsonFaults.kind(token));
        }
        extras.begin();
        GenericRowData row = rows.read(at, extras);
        try {
            JsonToken after = parser.nextToken();
            if (after != null) {
                throw new BadRecord("trailing: " + JsonFaults.kind(after) + " after the object");
            }
        } catch (JsonProcessingException e) {
            throw new BadRecord("trailing: text after the object");
        }
        if (!rows.anyKnown && columns > 0) {
            throw new BadRecord("no_known_field: " + (extras.first() == null
                    ? "the object is empty"
                    : "only others, as \"" + Shown.text(extras.first()) + '"'));
        }
        return row;
    }

    private void checkBytes(byte[] message, int start) {
        // Jackson takes a zero among the first four bytes for UTF-16 or UTF-32 and then reads those.
        for (int i = start; i < message.length && i < start + 4; i++) {
            if (message[i] == 0) {
                throw new BadRecord("not_json: a zero byte, at byte " + i);
            }
        }
        // Jackson would skip a second mark, too.
        if (start > 0 && message.length > start && message[start] == (byte) 0xef) {
            throw new BadRecord("not_json: an unexpected character, at byte " + start);
        }
        utf8.scan(message, start, message.length);
        if (utf8.invalidAt >= 0) {
            throw new BadRecord(ByteFaults.invalid(message, start, utf8.invalidAt, json));
        }
        if (utf8.backslash) {
            int lone = Utf8.loneSurrogate(message, start, message.length);
            if (lone >= 0) {
                throw new BadRecord(ByteFaults.loneSurrogate(message, start, lone, json));
            }
        }
    }

    private RowData good(GenericRowData row) {
        for (int i = 0; i < metadata.length; i++) {
            if (metadata[i] == Metadata.EXTRA_FIELDS) {
                row.setField(columns + i, extras.asJson());
            }
        }
        return row;
    }

    private RowData bad(String reason, byte[] message) {
        GenericRowData row = new GenericRowData(columns + metadata.length);
        for (int i = 0; i < metadata.length; i++) {
            switch (metadata[i]) {
                case PARSE_ERROR -> row.setField(columns + i, StringData.fromString(reason));
                case RAW_VALUE -> row.setField(columns + i, message);
                case EXTRA_FIELDS -> { } // a bad record's fields are all in its bytes
            }
        }
        return row;
    }

    private static boolean startsWithMark(byte[] b) {
        return b.length >= 3 && b[0] == (byte) 0xef && b[1] == (byte) 0xbb && b[2] == (byte) 0xbf;
    }

    private static JsonFactory factory() {
        return new JsonFactoryBuilder()
                // A raw tab in a text is no JSON by the letter, but is read without loss, as flink-json reads it.
                .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                // Interned names cost a global lock for each new one, and senders can invent names without end; nor
                // must many names with one hash make a good record bad.
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
                // Nesting, numbers and names keep Jackson's limits: 1000 deep, 1000 digits, 50,000 characters.
                .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                .build();
    }
}
