package io.pipectl.format;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;

/**
 * Parses one Kafka value into exactly one row: the projected columns, then the requested metadata in the requested
 * order. Tombstones ({@code null}) and empty values are rows, too, and no bytes cause an exception.
 */
public final class StrictJsonDeserializationSchema implements DeserializationSchema<RowData> {

    private static final long serialVersionUID = 1L;

    private final RowType schema;
    private final int[] columns;
    private final RecordMetadata[] metadata;
    private final TypeInformation<RowData> producedType;

    /** It holds buffers and the learned order of fields, so each task creates its own. */
    private transient RecordReader reader;

    /**
     * @param schema every column that the table declares for the value; each record is checked against all of
     *   them
     * @param columns indexes into {@code schema} of the columns of a row, in the order of the row
     * @param metadata the metadata after the columns
     * @param producedType the type of columns and metadata together
     */
    public StrictJsonDeserializationSchema(
            RowType schema, int[] columns, List<RecordMetadata> metadata, TypeInformation<RowData> producedType) {
        this.schema = schema;
        this.columns = columns.clone();
        this.metadata = metadata.toArray(new RecordMetadata[0]);
        this.producedType = producedType;
    }

    @Override
    public void open(InitializationContext context) {
        reader();
    }

    @Override
    public void deserialize(byte[] message, Collector<RowData> out) {
        out.collect(reader().read(message));
    }

    @Override
    public RowData deserialize(byte[] message) {
        return reader().read(message);
    }

    private RecordReader reader() {
        if (reader == null) {
            reader = new RecordReader(schema, columns, metadata);
        }
        return reader;
    }

    @Override
    public boolean isEndOfStream(RowData nextElement) {
        return false;
    }

    @Override
    public TypeInformation<RowData> getProducedType() {
        return producedType;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof StrictJsonDeserializationSchema that
                        && schema.equals(that.schema)
                        && Arrays.equals(columns, that.columns)
                        && Arrays.equals(metadata, that.metadata)
                        && producedType.equals(that.producedType);
    }

    @Override
    public int hashCode() {
        // By name, because an enum's own hash differs between JVMs.
        return Objects.hash(schema, Arrays.hashCode(columns), Arrays.toString(metadata), producedType);
    }
}
