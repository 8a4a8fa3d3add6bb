package io.pipectl.job;

import static org.apache.iceberg.TableProperties.DEFAULT_FILE_FORMAT;
import static org.apache.iceberg.TableProperties.DEFAULT_FILE_FORMAT_DEFAULT;
import static org.apache.iceberg.TableProperties.DEFAULT_NAME_MAPPING;
import static org.apache.iceberg.TableProperties.WRITE_TARGET_FILE_SIZE_BYTES;
import static org.apache.iceberg.TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT;

import java.util.List;
import org.apache.flink.table.data.RowData;
import org.apache.iceberg.BaseCombinedScanTask;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.SerializableTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.flink.FlinkSchemaUtil;
import org.apache.iceberg.flink.sink.RowDataTaskWriterFactory;
import org.apache.iceberg.flink.source.DataIterator;
import org.apache.iceberg.flink.source.RowDataFileScanTaskReader;
import org.apache.iceberg.io.TaskWriter;
import org.apache.iceberg.util.PropertyUtil;

/**
 * Reads and writes the rows of a table with Iceberg's own classes for Flink, outside of a Flink source or sink, as
 * Iceberg's compaction does. Delete files are applied to what is read.
 */
final class TableRows {
    private final Table table;
    private final RowDataFileScanTaskReader reader;

    TableRows(Table table) {
        this.table = table;
        String mapping = PropertyUtil.propertyAsString(table.properties(), DEFAULT_NAME_MAPPING, null);
        reader = new RowDataFileScanTaskReader(table.schema(), table.schema(), mapping, true, List.of());
    }

    DataIterator<RowData> read(FileScanTask task) {
        return new DataIterator<>(reader, new BaseCombinedScanTask(task), table.io(), table.encryption());
    }

    long count(FileScanTask task) throws Exception {
        try (var rows = read(task)) {
            long count = 0;
            for (; rows.hasNext(); rows.next()) count++;
            return count;
        }
    }

    TaskWriter<RowData> writer() {
        String format =
                PropertyUtil.propertyAsString(table.properties(), DEFAULT_FILE_FORMAT, DEFAULT_FILE_FORMAT_DEFAULT);
        long target = PropertyUtil.propertyAsLong(
                table.properties(), WRITE_TARGET_FILE_SIZE_BYTES, WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
        var factory = new RowDataTaskWriterFactory(
                SerializableTable.copyOf(table),
                FlinkSchemaUtil.convert(table.schema()),
                target,
                FileFormat.fromString(format),
                table.properties(),
                null,
                false);
        factory.initialize(0, 0);
        return factory.create();
    }
}
