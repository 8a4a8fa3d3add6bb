package io.pipectl.format;

import java.util.Arrays;
import java.util.Objects;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;

/**
 * One record in, one row out, whatever the bytes: the account "records read = rows written + dead letters" holds only if
 * nothing is dropped, doubled or thrown. Only types travel to the workers; the reader itself is built there.
 */
public final class PipectlJsonDeserializationSchema implements DeserializationSchema<RowData> {

    private static final long serialVersionUID = 1L;

    private final RowType physical;
    private final Metadata[] metadata;
    private final TypeInformation<RowData> produced;

    private transient RecordReader reader;

    PipectlJsonDeserializationSchema(RowType physical, Metadata[] metadata, TypeInformation<RowData> produced) {
        this.physical = physical;
        this.metadata = metadata;
        this.produced = produced;
    }

    @Override
    public RowData deserialize(byte[] message) {
        if (reader == null) {
            reader = new RecordReader(physical, metadata);
        }
        return reader.read(message);
    }

    @Override
    public void deserialize(byte[] message, Collector<RowData> out) {
        out.collect(deserialize(message));
    }

    @Override
    public boolean isEndOfStream(RowData nextElement) {
        return false;
    }

    @Override
    public TypeInformation<RowData> getProducedType() {
        return produced;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PipectlJsonDeserializationSchema that
                && physical.equals(that.physical)
                && Arrays.equals(metadata, that.metadata)
                && produced.equals(that.produced);
    }

    @Override
    public int hashCode() {
        // Metadata are enums, whose own hash differs from JVM to JVM: their keys do not.
        return Objects.hash(physical, Arrays.stream(metadata).map(m -> m.key).toList(), produced);
    }
}
