package io.pipectl.format;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.Projection;
import org.apache.flink.table.connector.format.ProjectableDecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.DataTypeUtils;

/**
 * The planner's view of the format: its metadata, and a reader for a given set of columns.
 *
 * <p>A projection limits the contents of a row, but not the checks. Whether a record is a dead letter must not
 * depend on the columns that a query selects, so the reader always gets the whole schema.
 */
final class StrictJsonDecodingFormat implements ProjectableDecodingFormat<DeserializationSchema<RowData>> {

    private final String notNull;
    private List<RecordMetadata> metadata = List.of();

    StrictJsonDecodingFormat(String notNull) {
        this.notNull = notNull;
    }

    @Override
    public Map<String, DataType> listReadableMetadata() {
        Map<String, DataType> all = new LinkedHashMap<>();
        for (RecordMetadata one : RecordMetadata.values()) {
            all.put(one.key(), one.dataType());
        }
        return all;
    }

    @Override
    public void applyReadableMetadata(List<String> metadataKeys) {
        metadata = metadataKeys.stream().map(RecordMetadata::of).toList();
    }

    @Override
    public DeserializationSchema<RowData> createRuntimeDecoder(
            DynamicTableSource.Context context, DataType physicalDataType, int[][] projections) {
        RowType schema = (RowType) physicalDataType.getLogicalType();
        SchemaCheck.validate(schema);
        int[] columns = Projection.of(projections).toTopLevelIndexes();
        DataType produced = DataTypeUtils.appendRowFields(
                Projection.of(projections).project(physicalDataType),
                metadata.stream()
                        .map(one -> DataTypes.FIELD(one.key(), one.dataType()))
                        .toList());
        return new StrictJsonDeserializationSchema(
                SchemaCheck.withNotNull(schema, notNull), columns, metadata, context.createTypeInformation(produced));
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
    }
}
