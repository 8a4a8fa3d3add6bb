package io.pipectl.hash;

import java.util.Optional;
import org.apache.flink.table.functions.FunctionDefinition;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.ArgumentTypeStrategy;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.Signature;
import org.apache.flink.table.types.utils.DataTypeUtils;

/** A field's name as a literal: it is known when the query is planned. */
final class NameArgument implements ArgumentTypeStrategy {

    @Override
    public Optional<DataType> inferArgumentType(CallContext call, int position, boolean throwOnFailure) {
        if (call.getArgumentValue(position, String.class).isEmpty()) {
            return call.fail(throwOnFailure, "a field's name must be a literal");
        }
        return Optional.of(
                DataTypeUtils.toInternalDataType(call.getArgumentDataTypes().get(position)));
    }

    @Override
    public Signature.Argument getExpectedArgument(FunctionDefinition function, int position) {
        return Signature.Argument.of("'name'");
    }
}
