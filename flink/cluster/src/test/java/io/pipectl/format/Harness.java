package io.pipectl.format;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.connector.format.ProjectableDecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.utils.LogicalTypeParser;
import org.apache.flink.table.types.utils.TypeConversions;

/** The format as a connector uses it: found by its name, asked for columns and metadata, and fed with bytes. */
final class Harness {

    static final List<String> ALL = List.of("parse_error", "raw_value", "extra_fields", "value_hash");

    private final DeserializationSchema<RowData> schema;
    final int columns;

    private Harness(DeserializationSchema<RowData> schema, int columns) {
        this.schema = schema;
        this.columns = columns;
    }

    /** For example {@code of("a INT, b STRING")}, all columns and all metadata. */
    static Harness of(String fields) {
        return notNull(fields, "[]");
    }

    /** The same with fields, a JSON array of names, in which each record needs a value. */
    static Harness notNull(String fields, String names) {
        int n = arity(fields);
        int[][] all = IntStream.range(0, n).mapToObj(i -> new int[] {i}).toArray(int[][]::new);
        return new Harness(schema(fields, all, ALL, names), n);
    }

    static Harness of(String fields, int[][] projection, List<String> metadata) {
        return new Harness(schema(fields, projection, metadata), projection.length);
    }

    static DeserializationSchema<RowData> schema(String fields, int[][] projection, List<String> metadata) {
        return schema(fields, projection, metadata, "[]");
    }

    @SuppressWarnings("unchecked")
    private static DeserializationSchema<RowData> schema(
            String fields, int[][] projection, List<String> metadata, String notNull) {
        DeserializationFormatFactory factory = FactoryUtil.discoverFactory(
                Harness.class.getClassLoader(), DeserializationFormatFactory.class, "pipectl-json");
        var format = (ProjectableDecodingFormat<DeserializationSchema<RowData>>)
                factory.createDecodingFormat(null, Configuration.fromMap(Map.of("not-null", notNull)));
        format.applyReadableMetadata(metadata);
        return format.createRuntimeDecoder(new Context(), type(fields), projection);
    }

    private static DataType type(String fields) {
        if (fields.isEmpty()) {
            return DataTypes.ROW();
        }
        LogicalType parsed = LogicalTypeParser.parse("ROW<" + fields + ">", Harness.class.getClassLoader());
        return TypeConversions.fromLogicalToDataType(parsed);
    }

    private static int arity(String fields) {
        return type(fields).getLogicalType().getChildren().size();
    }

    GenericRowData row(byte[] bytes) {
        List<RowData> out = new ArrayList<>();
        try {
            schema.deserialize(bytes, new ListCollector<>(out));
        } catch (Exception e) {
            throw new AssertionError("an exception came out", e);
        }
        if (out.size() != 1) {
            throw new AssertionError(out.size() + " rows");
        }
        return (GenericRowData) out.get(0);
    }

    GenericRowData row(String json) {
        return row(json.getBytes(StandardCharsets.UTF_8));
    }

    String error(byte[] bytes) {
        return string(row(bytes), columns);
    }

    String error(String json) {
        return error(json.getBytes(StandardCharsets.UTF_8));
    }

    String extra(String json) {
        return string(row(json), columns + 2);
    }

    /** All columns, or the error, in a form that is easy to compare. */
    String show(String json) {
        GenericRowData row = row(json);
        String error = string(row, columns);
        if (error != null) {
            return "ERROR " + error;
        }
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < columns; i++) {
            shown.append(i == 0 ? "" : "|").append(row.getField(i));
        }
        return shown.toString();
    }

    static String string(GenericRowData row, int at) {
        return row.getField(at) == null ? null : row.getField(at).toString();
    }

    private static final class Context implements DynamicTableSource.Context {
        @Override
        @SuppressWarnings("unchecked")
        public <T> TypeInformation<T> createTypeInformation(DataType type) {
            return (TypeInformation<T>) InternalTypeInfo.of(type.getLogicalType());
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> TypeInformation<T> createTypeInformation(LogicalType type) {
            return (TypeInformation<T>) InternalTypeInfo.of(type);
        }

        @Override
        public DynamicTableSource.DataStructureConverter createDataStructureConverter(DataType type) {
            throw new UnsupportedOperationException();
        }
    }
}
