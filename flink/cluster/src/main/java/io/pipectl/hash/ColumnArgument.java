package io.pipectl.hash;

import io.pipectl.canonical.ValueEntries;
import java.util.Optional;
import org.apache.flink.table.functions.FunctionDefinition;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.ArgumentTypeStrategy;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.Signature;
import org.apache.flink.table.types.utils.DataTypeUtils;

/** An argument of any type that a column can have, in Flink's internal form: so no value is converted for the call. */
final class ColumnArgument implements ArgumentTypeStrategy {

    @Override
    public Optional<DataType> inferArgumentType(CallContext call, int position, boolean throwOnFailure) {
        DataType type = call.getArgumentDataTypes().get(position);
        try {
            ValueEntries.of(type.getLogicalType());
        } catch (IllegalArgumentException e) {
            return call.fail(throwOnFailure, "%s", e.getMessage());
        }
        return Optional.of(DataTypeUtils.toInternalDataType(type));
    }

    @Override
    public Signature.Argument getExpectedArgument(FunctionDefinition function, int position) {
        return Signature.Argument.of("column");
    }
}
