package io.pipectl.format;

import java.io.IOException;

/** Turns the value at the cursor (never a JSON null) into Flink's internal object for one column type. */
@FunctionalInterface
interface ValueReader {

    /** On return the parser stands on the value's last token. */
    Object read(Cursor at) throws IOException;
}
