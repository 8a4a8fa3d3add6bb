package io.pipectl.format;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.DataTypeUtils;

/**
 * The format as the planner sees it. It is no {@code ProjectableDecodingFormat} on purpose: whether a record is good must
 * not depend on which columns a query happens to ask for, so all columns are always read.
 */
final class PipectlJsonDecodingFormat implements DecodingFormat<DeserializationSchema<RowData>> {

    private List<String> metadataKeys = List.of();

    @Override
    public Map<String, DataType> listReadableMetadata() {
        Map<String, DataType> all = new LinkedHashMap<>();
        for (Metadata metadata : Metadata.values()) {
            all.put(metadata.key, metadata.type);
        }
        return all;
    }

    @Override
    public void applyReadableMetadata(List<String> metadataKeys) {
        this.metadataKeys = List.copyOf(metadataKeys);
    }

    @Override
    public DeserializationSchema<RowData> createRuntimeDecoder(
            DynamicTableSource.Context context, DataType physicalDataType) {
        RowType physical = (RowType) physicalDataType.getLogicalType();
        SupportedTypes.check(physical);
        List<Metadata> asked = new ArrayList<>();
        List<DataTypes.Field> appended = new ArrayList<>();
        for (String key : metadataKeys) {
            Metadata metadata = Metadata.of(key);
            asked.add(metadata);
            appended.add(DataTypes.FIELD(freeName(key, physical), metadata.type));
        }
        DataType produced = DataTypeUtils.appendRowFields(physicalDataType, appended);
        return new PipectlJsonDeserializationSchema(
                physical, asked.toArray(new Metadata[0]), context.createTypeInformation(produced));
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
    }

    /** Only the position of a metadata field counts, but a row type must not hold a name twice. */
    private static String freeName(String key, RowType physical) {
        String name = key;
        while (physical.getFieldNames().contains(name)) {
            name = "$" + name;
        }
        return name;
    }
}
