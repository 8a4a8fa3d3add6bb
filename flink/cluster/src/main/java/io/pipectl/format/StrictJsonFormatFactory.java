package io.pipectl.format;

import java.util.Set;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
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
 * <p>Its only option names the fields that every record must have. All other rules for good records are the same for
 * every pipeline.
 */
public final class StrictJsonFormatFactory implements DeserializationFormatFactory {

    /** The name used in {@code 'format' = '…'}. */
    public static final String IDENTIFIER = "pipectl-json";

    /** A JSON array, because names may contain any character. */
    static final ConfigOption<String> NOT_NULL = ConfigOptions.key("not-null")
            .stringType()
            .defaultValue("[]")
            .withDescription("Names of fields, as a JSON array: a record in which one is missing or null is refused.");

    @Override
    public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(
            DynamicTableFactory.Context context, ReadableConfig formatOptions) {
        FactoryUtil.validateFactoryOptions(this, formatOptions);
        return new StrictJsonDecodingFormat(formatOptions.get(NOT_NULL));
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
        return Set.of(NOT_NULL);
    }
}
