package io.pipectl.format;

import java.util.Set;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;

/**
 * The format {@code 'value.format' = 'pipectl-json'}: a strict JSON reader that turns every record into exactly one
 * row, good or bad, so that one scan of a topic feeds both the bronze table and the dead letters.
 *
 * <p>It has no options: what counts as a good record must not differ from one pipeline to the next.
 */
public final class StrictJsonFormatFactory implements DeserializationFormatFactory {

    /** The name used in {@code 'format' = '…'}. */
    public static final String IDENTIFIER = "pipectl-json";

    @Override
    public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(
            DynamicTableFactory.Context context, ReadableConfig formatOptions) {
        FactoryUtil.validateFactoryOptions(this, formatOptions);
        return new StrictJsonDecodingFormat();
    }

    @Override
    public String factoryIdentifier() {
        return IDENTIFIER;
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of();
    }
}
