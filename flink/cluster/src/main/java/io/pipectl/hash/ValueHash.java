package io.pipectl.hash;

import io.pipectl.canonical.Entry;
import io.pipectl.canonical.ValueEntries;
import io.pipectl.format.ExtraFieldsHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.functions.ScalarFunction;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.UserDefinedFunction;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.InputTypeStrategies;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;
import org.apache.flink.table.types.logical.LogicalType;

/**
 * {@code f(extra_fields, 'a', a, 'b', b, …)}: the hash of the values of a row of bronze, made again from the row
 * alone. It is the reader's {@code value_hash} as long as nobody has changed a value. The names are those of the
 * record's fields, which a column's name may differ from.
 */
public final class ValueHash extends ScalarFunction implements SpecializedFunction {

    private static final long serialVersionUID = 1L;

    private final List<String> names;
    private final List<LogicalType> types;

    private transient long[] paths;
    private transient ValueEntries[] columns;
    private transient ExtraFieldsHash extraFields;

    /** For Flink, which then asks for the function of one call. */
    public ValueHash() {
        this(List.of(), List.of());
    }

    /** @param types those of the columns, which have these names in a record */
    ValueHash(List<String> names, List<LogicalType> types) {
        // Copies, because Flink serializes the function.
        this.names = List.copyOf(names);
        this.types = List.copyOf(types);
    }

    @Override
    public UserDefinedFunction specialize(SpecializedContext context) {
        CallContext call = context.getCallContext();
        if (call.getArgumentDataTypes().size() % 2 == 0) {
            throw new ValidationException("the last name has no column");
        }
        List<String> names = new ArrayList<>();
        List<LogicalType> types = new ArrayList<>();
        for (int i = 1; i < call.getArgumentDataTypes().size(); i += 2) {
            names.add(call.getArgumentValue(i, String.class).orElseThrow());
            types.add(call.getArgumentDataTypes().get(i + 1).getLogicalType());
        }
        return new ValueHash(names, types);
    }

    /** Called once per row, with the arguments in Flink's internal form. */
    public Long eval(Object... arguments) {
        if (columns == null) {
            prepare();
        }
        long sum = arguments[0] == null ? 0 : extra((StringData) arguments[0]);
        for (int i = 0; i < columns.length; i++) {
            Object value = arguments[2 * i + 2];
            if (value != null) {
                sum += columns[i].sum(paths[i], value);
            }
        }
        return Entry.row(sum);
    }

    private void prepare() {
        paths = names.stream()
                .mapToLong(name -> Entry.field(Entry.ROOT, Entry.name(name)))
                .toArray();
        extraFields = new ExtraFieldsHash();
        columns = types.stream().map(ValueEntries::of).toArray(ValueEntries[]::new);
    }

    private long extra(StringData json) {
        byte[] utf8 = json.toBytes();
        try {
            return extraFields.sum(utf8);
        } catch (IOException e) {
            // Another program wrote it. As a text where no text can be, it differs from everything that the reader
            // writes.
            return Entry.text(Entry.ROOT, utf8, 0, utf8.length);
        }
    }

    @Override
    public TypeInference getTypeInference(DataTypeFactory types) {
        return TypeInference.newBuilder()
                .inputTypeStrategy(InputTypeStrategies.compositeSequence()
                        .argument(
                                InputTypeStrategies.explicit(DataTypes.STRING().bridgedTo(StringData.class)))
                        .finishWithVarying(
                                InputTypeStrategies.repeatingSequence(new NameArgument(), new ColumnArgument())))
                .outputTypeStrategy(TypeStrategies.explicit(DataTypes.BIGINT()))
                .build();
    }
}
